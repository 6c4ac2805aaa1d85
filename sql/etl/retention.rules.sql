-- How long rows of a site's tables stay, where it is not the default.
--
-- Columns
--   site_id             text
--   table_name          text
--   archive_after_days  int64   null: never
--   delete_after_days   int64   null: never
select
  site_id,
  table_name,
  cast(archive_after_days as bigint) as archive_after_days,
  cast(delete_after_days as bigint) as delete_after_days
from site_retention;
