-- Stores a flag whole.
--
-- Parameters
--   $1  site_id        text
--   $2  flag_key       text
--   $3  description    text
--   $4  value_type     text
--   $5  default_value  json
--   $6  rules          json
--   $7  enabled        bool
--   $8  archived       bool
--   $9  version        int64
--   $10 updated_at     timestamp
--   $11 updated_by     text
insert into feature_flag (
  site_id,
  flag_key,
  description,
  value_type,
  default_value,
  rules,
  enabled,
  archived,
  version,
  created_at,
  updated_at,
  updated_by
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, $11)
on conflict (site_id, flag_key) do update set
  description = excluded.description,
  value_type = excluded.value_type,
  default_value = excluded.default_value,
  rules = excluded.rules,
  enabled = excluded.enabled,
  archived = excluded.archived,
  version = excluded.version,
  updated_at = excluded.updated_at,
  updated_by = excluded.updated_by;
