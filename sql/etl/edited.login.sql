-- All rows of login, which people edit: a replay carries them over.
--
-- Columns
--   token_hash  text
--   account_id  int64
--   created_at  timestamp
--   expires_at  timestamp
select
  token_hash,
  account_id,
  created_at,
  expires_at
from login
order by token_hash;
