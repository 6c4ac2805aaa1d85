-- Every row of saved_group, which no replay can make.
--
-- Columns
--   site_id
--   group_key
--   description
--   members
--   version
--   created_at
--   updated_at
--   updated_by
select
  site_id,
  group_key,
  description,
  members,
  version,
  created_at,
  updated_at,
  updated_by
from saved_group;
