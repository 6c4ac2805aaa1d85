-- Distinct visitors with an event in the last minutes.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 recent  timestamp   where "now" begins
-- Columns
--   visitors      int64   in the whole range
--   visitors_now  int64   since $4
with events as (
  select
    visitor_id,
    view_timestamp as event_time
  from pageviews
  where site_id = $1
    and view_timestamp >= $2
    and view_timestamp < $3
  union all
  select
    visitor_id,
    event_timestamp as event_time
  from user_events
  where site_id = $1
    and event_timestamp >= $2
    and event_timestamp < $3
)
select
  count(distinct visitor_id) as visitors,
  count(distinct case when event_time >= $4 then visitor_id end) as visitors_now
from events;
