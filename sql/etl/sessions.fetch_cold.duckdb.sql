-- Whole rows of closed sessions that a late event belongs to.
--
-- Parameters
--   $1 session_keys text       numbers, with commas between
--   $2 key_min      int64      least of them
--   $3 key_max      int64      greatest of them
--   $4 start_min    timestamp  least session_start of them
--   $5 start_max    timestamp  greatest session_start of them
-- Columns
--   session_key
--   session_id
--   visitor_id
--   site_id
--   stream
--   session_start
--   last_event_at
--   pageview_count
--   event_count
--   engaged_count
--   entry_url
--   entry_path
--   entry_title
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
--   browser
--   os
--   device_type
--   country
--   user_id
--   user_at
--   user_position
--   lead_at
--   lead_position
--   last_position
--   exit_url
--   exit_path
--   exit_at
--   exit_position
select
  session_key,
  session_id,
  visitor_id,
  site_id,
  stream,
  session_start,
  last_event_at,
  pageview_count,
  event_count,
  engaged_count,
  entry_url,
  entry_path,
  entry_title,
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
  browser,
  os,
  device_type,
  country,
  user_id,
  user_at,
  user_position,
  lead_at,
  lead_position,
  last_position,
  exit_url,
  exit_path,
  exit_at,
  exit_position
from user_sessions_cold
where session_key in (select unnest(cast(string_to_array($1, ',') as bigint[])))
  and session_key >= $2::bigint
  and session_key <= $3::bigint
  and session_start >= $4
  and session_start <= $5;
