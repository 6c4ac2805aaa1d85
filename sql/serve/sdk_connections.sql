-- Client keys of a site, by key.
--
-- Parameters
--   $1 site_id text
-- Columns
--   client_key      text
--   name            text
--   encrypted       bool
--   encryption_key  text       16 bytes as base64
--   version         int64
--   created_at      timestamp
--   updated_at      timestamp
--   updated_by      text
select
  client_key,
  name,
  encrypted,
  encryption_key,
  version,
  created_at,
  updated_at,
  updated_by
from sdk_connection
where site_id = $1
order by client_key
limit 1000;
