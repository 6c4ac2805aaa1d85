-- Rows of user_sessions in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   session_key
--   session_id
--   visitor_id
--   site_id
--   session_start
--   session_end
--   duration_seconds
--   pageview_count
--   event_count
--   bounce
--   entry_url
--   entry_path
--   entry_title
--   exit_url
--   exit_path
--   utm_source
--   utm_medium
--   utm_campaign
--   utm_content
--   utm_term
--   referrer_type
--   referrer_platform
--   original_referrer
--   user_agent
--   browser_language
--   timezone
--   screen_width
--   screen_height
--   viewport_width
--   viewport_height
--   device_pixel_ratio
--   stream
--   last_event_at
--   engaged_count
--   browser
--   os
--   device_type
--   country
--   user_id
--   user_at
--   user_position
--   lead_position
--   last_position
--   exit_position
--   exit_at
select
  session_key,
  session_id,
  visitor_id,
  site_id,
  session_start,
  session_end,
  duration_seconds,
  pageview_count,
  event_count,
  bounce,
  entry_url,
  entry_path,
  entry_title,
  exit_url,
  exit_path,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  referrer_type,
  referrer_platform,
  original_referrer,
  user_agent,
  browser_language,
  timezone,
  screen_width,
  screen_height,
  viewport_width,
  viewport_height,
  device_pixel_ratio,
  stream,
  last_event_at,
  engaged_count,
  browser,
  os,
  device_type,
  country,
  user_id,
  user_at,
  user_position,
  lead_position,
  last_position,
  exit_position,
  exit_at
from user_sessions
where session_key >= $1::bigint
  and session_key <= $2::bigint
order by
  session_key;
