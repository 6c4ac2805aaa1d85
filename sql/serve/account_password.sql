-- A new password.
--
-- Parameters
--   $1 id             int64
--   $2 password_hash  text
--   $3 changed_at     timestamp
update account
set
  password_hash = $2,
  password_changed_at = $3,
  updated_at = $3
where id = $1;
