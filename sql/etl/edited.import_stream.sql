-- All rows of import_stream, which people edit: a replay carries them over.
--
-- Columns
--   stream       int64
--   website_id   uuid
--   kind         text
--   name         text
--   created_at   timestamp
--   finished_at  timestamp
--   last_batch   int64
--   events       int64
select
  stream,
  website_id,
  kind,
  name,
  created_at,
  finished_at,
  last_batch,
  events
from import_stream
order by stream;
