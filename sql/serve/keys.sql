-- Every secret key, oldest first.
--
-- Columns
--   id           int64
--   website_id   uuid       null: a key for the whole server
--   name         text
--   scope        text
--   secret_hash  text       BLAKE2b-256 of the secret, hex
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
