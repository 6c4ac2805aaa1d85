-- Moves sessions that closed without a further event, and their exit pages, to where rows are final.
--
-- Parameters
--   $1 session_keys text    numbers, with commas between
--   $2 key_min      int64   least of them
--   $3 key_max      int64   greatest of them
insert into pageviews_cold (
  id,
  session_id,
  visitor_id,
  site_id,
  url,
  path,
  title,
  query_params,
  hash_fragment,
  view_timestamp,
  time_on_page_seconds,
  referrer,
  internal_referrer,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  session_key
)
select
  exit_position,
  session_id,
  exit_visitor_id,
  site_id,
  exit_url,
  exit_path,
  exit_title,
  exit_query_params,
  exit_hash_fragment,
  exit_at,
  exit_time_on_page_seconds,
  exit_referrer,
  exit_internal_referrer,
  exit_utm_source,
  exit_utm_medium,
  exit_utm_campaign,
  exit_utm_content,
  exit_utm_term,
  session_key
from user_sessions_hot
where session_key in (select cast(unnest(string_to_array($1, ',')) as bigint))
  and session_key >= $2::bigint
  and session_key <= $3::bigint
  and not exit_is_cold
  and exit_position is not null
order by exit_position;

insert into user_sessions_cold (
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
)
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
from user_sessions_hot
where session_key in (select cast(unnest(string_to_array($1, ',')) as bigint))
  and session_key >= $2::bigint
  and session_key <= $3::bigint
order by session_key;

delete from user_sessions_hot
where session_key in (select cast(unnest(string_to_array($1, ',')) as bigint))
  and session_key >= $2::bigint
  and session_key <= $3::bigint;
