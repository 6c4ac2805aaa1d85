-- Rows of events_log in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   event_id
--   event_type
--   session_id
--   visitor_id
--   site_id
--   timestamp
--   url
--   path
--   user_agent
--   ip_address
--   raw_event_data
--   created_at
--   processed_at
--   user_id
--   stream
--   is_bot
--   is_late
--   client_event_id
select
  id,
  event_id,
  event_type,
  session_id,
  visitor_id,
  site_id,
  timestamp,
  url,
  path,
  user_agent,
  ip_address,
  raw_event_data,
  created_at,
  processed_at,
  user_id,
  stream,
  is_bot,
  is_late,
  client_event_id
from events_log
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
