-- Somebody logged out.
--
-- Parameters
--   $1 token_hash  text
delete from login
where token_hash = $1;
