-- Every row of placement, which no replay can make.
--
-- Columns
--   site_id
--   name
--   definition
--   created_at
--   updated_at
select
  site_id,
  name,
  definition,
  created_at,
  updated_at
from placement;
