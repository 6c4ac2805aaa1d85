-- Every row of api_key, which people edit and no replay can make.
--
-- Columns
--   id
--   website_id
--   name
--   scope
--   secret_hash
--   hint
--   created_at
select
  id,
  website_id,
  name,
  scope,
  secret_hash,
  hint,
  created_at
from api_key;
