-- Every import, by number.
--
-- Columns
--   stream       int64
--   website_id   uuid
--   kind         text
--   name         text
--   created_at   timestamp
--   finished_at  timestamp   null: still open
--   last_batch   int64       number of the newest batch taken
--   events       int64       accepted so far
select
  cast(stream as bigint) as stream,
  website_id,
  kind,
  name,
  created_at,
  finished_at,
  last_batch,
  events
from import_stream
order by stream;
