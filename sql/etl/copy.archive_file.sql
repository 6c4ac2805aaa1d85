-- Every row of archive_file, which no replay can make.
--
-- Columns
--   file
--   site_id
--   table_name
--   month
--   row_count
--   file_bytes
--   sha256
--   first_at
--   last_at
--   made_at
select
  file,
  site_id,
  table_name,
  month,
  row_count,
  file_bytes,
  sha256,
  first_at,
  last_at,
  made_at
from archive_file;
