-- Every row of site_retention, which no replay can make.
--
-- Columns
--   site_id
--   table_name
--   archive_after_days
--   delete_after_days
--   updated_at
select
  site_id,
  table_name,
  archive_after_days,
  delete_after_days,
  updated_at
from site_retention;
