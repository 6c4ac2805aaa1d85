-- Takes away events that the tables have taken in and that are old.
--
-- Parameters
--   $1 before  timestamp   received before this
delete from events_log
where created_at < $1
  and processed_at is not null;
