-- The catalogue of the archive.
--
-- Columns
--   file        text        below the archive's folder
--   site_id     text
--   month       date        its first day
--   row_count   int64
--   file_bytes  int64
--   sha256      text
--   first_at    timestamp
--   last_at     timestamp
select
  file,
  site_id,
  month,
  row_count,
  file_bytes,
  sha256,
  first_at,
  last_at
from archive_file
order by file;
