-- Somebody logged in.
--
-- Parameters
--   $1 token_hash  text
--   $2 account_id  int64
--   $3 created_at  timestamp
--   $4 expires_at  timestamp
insert into login (token_hash, account_id, created_at, expires_at)
values ($1, $2, $3, $4);
