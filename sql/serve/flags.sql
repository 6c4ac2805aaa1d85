-- Flags of a site, by key; archived ones too.
--
-- Parameters
--   $1 site_id text
-- Columns
--   flag_key       text
--   description    text
--   value_type     text
--   default_value  text       JSON
--   rules          text       JSON
--   enabled        bool
--   archived       bool
--   version        int64
--   created_at     timestamp
--   updated_at     timestamp
--   updated_by     text
select
  flag_key,
  description,
  value_type,
  cast(default_value as text) as default_value,
  cast(rules as text) as rules,
  enabled,
  archived,
  version,
  created_at,
  updated_at,
  updated_by
from feature_flag
where site_id = $1
order by flag_key
limit 2000;
