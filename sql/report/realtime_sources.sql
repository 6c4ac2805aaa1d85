-- Where the visitors of the last minutes came from.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 limit   int64
-- Columns
--   name      text
--   visitors  int64
select
  coalesce(referrer_platform, referrer_type) as name,
  count(distinct visitor_id) as visitors
from user_sessions
where site_id = $1
  and session_start < $3
  and last_event_at >= $2
group by 1
order by visitors desc, name
limit $4;
