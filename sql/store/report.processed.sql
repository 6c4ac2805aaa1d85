-- Events worked off in a time, of at most 1,000,000 that are looked at.
--
-- Parameters
--   $1 begin  timestamp
--   $2 end    timestamp
-- Columns
--   events  int64
select count(*) as events
from (
  select processed_at
  from events_log
  where processed_at >= $1
    and processed_at < $2
  limit 1000000
) as done;
