-- All rows of api_key, which people edit: a replay carries them over.
--
-- Columns
--   id           int64
--   website_id   uuid
--   name         text
--   scope        text
--   secret_hash  text
--   hint         text
--   created_at   timestamp
select
  id,
  website_id,
  name,
  scope,
  secret_hash,
  hint,
  created_at
from api_key
order by id;
