-- Every row of import_stream, which people edit and no replay can make.
--
-- Columns
--   stream
--   website_id
--   kind
--   name
--   created_at
--   finished_at
--   last_batch
--   events
select
  stream,
  website_id,
  kind,
  name,
  created_at,
  finished_at,
  last_batch,
  events
from import_stream;
