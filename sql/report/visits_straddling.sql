-- Visitors as report/visits counts them, with those visits from before the range to after it that have an
-- event inside. Reads the events of the range: only asked when there are such visits.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
-- Columns
--   visitors  int64
with events as (
  select session_id
  from pageviews
  where site_id = $1
    and view_timestamp >= $2
    and view_timestamp < $3
  union all
  select session_id
  from user_events
  where site_id = $1
    and event_timestamp >= $2
    and event_timestamp < $3
)
select
  count(distinct visitor_id) as visitors
from user_sessions
where site_id = $1
  and session_start < $3
  and last_event_at >= $2
  and (
    session_start >= $2
    or last_event_at < $3
    or session_id in (select session_id from events)
  );
