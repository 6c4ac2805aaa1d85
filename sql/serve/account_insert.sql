-- A new account.
--
-- Parameters
--   $1 name           text
--   $2 password_hash  text
--   $3 role           text
--   $4 created_at     timestamp
-- Columns
--   id  int64
insert into account (name, password_hash, role, created_at, updated_at, password_changed_at)
values ($1, $2, $3, $4, $4, $4)
returning id;
