-- Everyone who can log in.
--
-- Columns
--   id             int64
--   owner_id       int64  the account they work for; their own id of an account itself
--   name           text
--   password_hash  text   argon2id, in libsodium's form
--   role           text
select
  id,
  coalesce(owner_id, id) as owner_id,
  name,
  password_hash,
  role
from account
order by id;
