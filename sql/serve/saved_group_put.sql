-- Stores a saved group whole.
--
-- Parameters
--   $1 site_id      text
--   $2 group_key    text
--   $3 description  text
--   $4 members      json
--   $5 version      int64
--   $6 updated_at   timestamp
--   $7 updated_by   text
insert into saved_group (
  site_id,
  group_key,
  description,
  members,
  version,
  created_at,
  updated_at,
  updated_by
)
values ($1, $2, $3, $4, $5, $6, $6, $7)
on conflict (site_id, group_key) do update set
  description = excluded.description,
  members = excluded.members,
  version = excluded.version,
  updated_at = excluded.updated_at,
  updated_by = excluded.updated_by;
