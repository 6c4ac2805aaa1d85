-- Everyone who can log in.
--
-- Columns
--   id             int64
--   name           text
--   password_hash  text   argon2id, in libsodium's form
--   role           text
select
  id,
  name,
  password_hash,
  role
from account
order by id;
