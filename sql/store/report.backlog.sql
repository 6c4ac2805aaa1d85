-- Rows of events_log that nobody has worked off, of at most 100,000 that are looked at.
--
-- Columns
--   event_type   text
--   unprocessed  int64
--   oldest       timestamp
select
  event_type,
  count(*) as unprocessed,
  min(created_at) as oldest
from (
  select
    event_type,
    created_at
  from events_log
  where processed_at is null
  limit 100000
) as waiting
group by event_type
order by
  count(*) desc,
  event_type
limit 20;
