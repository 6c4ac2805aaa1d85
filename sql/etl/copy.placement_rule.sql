-- Every row of placement_rule, which no replay can make.
--
-- Columns
--   site_id
--   id
--   definition
--   created_at
--   updated_at
select
  site_id,
  id,
  definition,
  created_at,
  updated_at
from placement_rule;
