-- Another role.
--
-- Parameters
--   $1 id          int64
--   $2 role        text
--   $3 changed_at  timestamp
update account
set
  role = $2,
  updated_at = $3
where id = $1;
