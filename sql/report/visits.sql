-- Numbers that come from visits: those that begin in the range, and the visitors of all that reach into it.
--
-- A visit that began before the range and goes on after it may have no event inside; such visits are
-- counted apart (straddling) and left out of visitors: report/visits_straddling asks about them.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
-- Columns
--   visitors          int64   distinct, of visits with an event in the range
--   straddling        int64   visits from before the range to after it
--   sessions          int64   visits that begin in the range, and of these:
--   bounced           int64
--   duration_seconds  int64   sum
--   pageviews         int64   sum
select
  count(distinct case when session_start >= $2 or last_event_at < $3 then visitor_id end)
    as visitors,
  count(case when session_start < $2 and last_event_at >= $3 then 1 end) as straddling,
  count(case when session_start >= $2 then 1 end) as sessions,
  count(case when session_start >= $2 and bounce then 1 end) as bounced,
  cast(coalesce(sum(case when session_start >= $2 then duration_seconds end), 0) as bigint)
    as duration_seconds,
  cast(coalesce(sum(case when session_start >= $2 then pageview_count end), 0) as bigint)
    as pageviews
from user_sessions
where site_id = $1
  and session_start < $3
  and last_event_at >= $2;
