-- A batch of an import is durable in the journal, or the import is finished.
--
-- Parameters
--   $1 stream       int64
--   $2 last_batch   int64
--   $3 events       int64
--   $4 finished_at  timestamp   null: still open
update import_stream
set
  last_batch = $2,
  events = $3,
  finished_at = $4
where stream = cast($1 as integer);
