-- Stores a client key of a site whole.
--
-- Parameters
--   $1 site_id         text
--   $2 client_key      text
--   $3 name            text
--   $4 encrypted       bool
--   $5 encryption_key  text
--   $6 version         int64
--   $7 updated_at      timestamp
--   $8 updated_by      text
insert into sdk_connection (
  site_id,
  client_key,
  name,
  encrypted,
  encryption_key,
  version,
  created_at,
  updated_at,
  updated_by
)
values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
on conflict (site_id, client_key) do update set
  name = excluded.name,
  encrypted = excluded.encrypted,
  encryption_key = excluded.encryption_key,
  version = excluded.version,
  updated_at = excluded.updated_at,
  updated_by = excluded.updated_by;
