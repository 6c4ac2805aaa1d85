-- A new account, or somebody who works for one.
--
-- Parameters
--   $1 name           text
--   $2 password_hash  text
--   $3 role           text
--   $4 created_at     timestamp
--   $5 owner_id       int64      null: an account of its own
-- Columns
--   id  int64
insert into account (
  name, password_hash, role, created_at, updated_at, password_changed_at, owner_id
)
values ($1, $2, $3, $4, $4, $4, $5)
returning id;
