-- Logins that are still valid, oldest first.
--
-- Parameters
--   $1 now  timestamp
-- Columns
--   token_hash  text       BLAKE2b-256 of the cookie, hex
--   account_id  int64
--   expires_at  timestamp
select
  token_hash,
  account_id,
  expires_at
from login
where expires_at > $1
order by created_at, token_hash;
