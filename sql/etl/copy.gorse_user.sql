-- Every row of gorse_user, which no replay can make.
--
-- Columns
--   site_id
--   user_id
--   labels
--   comment
--   deleted_at
--   updated_at
select
  site_id,
  user_id,
  labels,
  comment,
  deleted_at,
  updated_at
from gorse_user;
