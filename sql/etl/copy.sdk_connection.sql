-- Every row of sdk_connection, which no replay can make.
--
-- Columns
--   site_id
--   client_key
--   name
--   encrypted
--   encryption_key
--   version
--   created_at
--   updated_at
--   updated_by
select
  site_id,
  client_key,
  name,
  encrypted,
  encryption_key,
  version,
  created_at,
  updated_at,
  updated_by
from sdk_connection;
