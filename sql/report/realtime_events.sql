-- The latest events.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 limit   int64
-- Columns
--   event_time   timestamp
--   event_type   text
--   path         text
--   visitor_id   text
--   country      text
--   device_type  text
with latest as (
  select
    id,
    view_timestamp as event_time,
    'pageview' as event_type,
    path,
    session_id,
    visitor_id
  from pageviews
  where site_id = $1
    and view_timestamp >= $2
    and view_timestamp < $3
  union all
  select
    id,
    event_timestamp as event_time,
    event_type,
    page_path as path,
    session_id,
    visitor_id
  from user_events
  where site_id = $1
    and event_timestamp >= $2
    and event_timestamp < $3
  order by event_time desc, id desc
  limit $4
),
visits as (
  select
    session_id,
    max(country) as country,
    max(device_type) as device_type
  from user_sessions
  where site_id = $1
    and session_start < $3
    and last_event_at >= $2
    and session_id in (select session_id from latest)
  group by session_id
)
select
  latest.event_time,
  latest.event_type,
  latest.path,
  latest.visitor_id,
  visits.country,
  visits.device_type
from latest
left join visits on visits.session_id = latest.session_id
order by latest.event_time desc, latest.id desc;
