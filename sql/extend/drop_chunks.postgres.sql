-- Drops the chunks of a hypertable that lie wholly before its oldest row: what was in them is gone.
--
-- Parameters
--   $1 name    text
--   $2 before  timestamp  its oldest row
-- Columns
--   chunks  int64
select count(*) as chunks
from drop_chunks(cast($1 as regclass), older_than => cast($2 as timestamptz));
