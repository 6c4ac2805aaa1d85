-- Every row of account, which people edit and no replay can make.
--
-- Columns
--   id
--   name
--   email
--   password_hash
--   role
--   created_at
--   updated_at
--   password_changed_at
--   last_login_at
--   owner_id
select
  id,
  name,
  email,
  password_hash,
  role,
  created_at,
  updated_at,
  password_changed_at,
  last_login_at,
  owner_id
from account;
