-- All rows of account, which people edit: a replay carries them over.
--
-- Columns
--   id                   int64
--   name                 text
--   email                text
--   password_hash        text
--   role                 text
--   created_at           timestamp
--   updated_at           timestamp
--   password_changed_at  timestamp
--   last_login_at        timestamp
select
  id,
  name,
  email,
  password_hash,
  role,
  created_at,
  updated_at,
  password_changed_at,
  last_login_at
from account
order by id;
