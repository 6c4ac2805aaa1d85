-- Rows of events_log that no ETL has taken in.
--
-- Columns
--   events  int64
select count(*) as events
from events_log
where processed_at is null;
