-- Clocks of every site and stream.
--
-- Columns
--   site_id       text
--   stream        int64
--   watermark_ms  int64
--   floor_ms      int64
--   ended         bool
select
  site_id,
  stream,
  watermark_ms,
  floor_ms,
  ended
from etl_worlds
order by
  site_id,
  stream;
