-- Rows that the procedures could not use, of at most 100,000 that are looked at.
--
-- Columns
--   reason  text
--   events  int64
--   newest  timestamp
select
  reason,
  count(*) as events,
  max(skipped_at) as newest
from (
  select
    reason,
    skipped_at
  from etl_skipped_events
  limit 100000
) as skipped
group by reason
order by
  count(*) desc,
  reason
limit 20;
