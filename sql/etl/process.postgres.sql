-- Takes in rows of events_log that came from elsewhere.
--
-- Parameters
--   $1 batch_size  int64
call process_events_batch($1::integer);
