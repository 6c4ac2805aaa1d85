-- Every row of retention_mark, which no replay can make.
--
-- Columns
--   site_id
--   table_name
--   action
--   before_at
--   before_id
--   row_count
--   updated_at
select
  site_id,
  table_name,
  action,
  before_at,
  before_id,
  row_count,
  updated_at
from retention_mark;
