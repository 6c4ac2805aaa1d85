-- Every row of login, which people edit and no replay can make.
--
-- Columns
--   token_hash
--   account_id
--   created_at
--   expires_at
select
  token_hash,
  account_id,
  created_at,
  expires_at
from login;
