-- Saved groups of a site, by key.
--
-- Parameters
--   $1 site_id text
-- Columns
--   group_key    text
--   description  text
--   members      text       JSON
--   version      int64
--   created_at   timestamp
--   updated_at   timestamp
--   updated_by   text
select
  group_key,
  description,
  cast(members as text) as members,
  version,
  created_at,
  updated_at,
  updated_by
from saved_group
where site_id = $1
order by group_key
limit 1000;
