-- Ends every login of an account but one.
--
-- Parameters
--   $1 account_id  int64
--   $2 token_hash  text   the one that stays
delete from login
where account_id = $1
  and token_hash <> $2;
