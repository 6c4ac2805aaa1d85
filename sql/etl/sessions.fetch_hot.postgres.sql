-- Whole rows of open sessions that are not in memory.
--
-- Parameters
--   $1 session_keys text    numbers, with commas between
--   $2 key_min      int64   least of them
--   $3 key_max      int64   greatest of them
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
--   exit_is_cold
--   exit_visitor_id
--   exit_title
--   exit_query_params
--   exit_hash_fragment
--   exit_referrer
--   exit_internal_referrer
--   exit_utm_source
--   exit_utm_medium
--   exit_utm_campaign
--   exit_utm_content
--   exit_utm_term
select
  sessions.session_key,
  sessions.session_id,
  sessions.visitor_id,
  sessions.site_id,
  sessions.stream,
  sessions.session_start,
  sessions.last_event_at,
  sessions.pageview_count,
  sessions.event_count,
  sessions.engaged_count,
  sessions.entry_url,
  sessions.entry_path,
  sessions.entry_title,
  sessions.utm_source,
  sessions.utm_medium,
  sessions.utm_campaign,
  sessions.utm_content,
  sessions.utm_term,
  sessions.referrer_type,
  sessions.referrer_platform,
  sessions.original_referrer,
  sessions.user_agent,
  sessions.browser_language,
  sessions.timezone,
  sessions.screen_width,
  sessions.screen_height,
  sessions.viewport_width,
  sessions.viewport_height,
  sessions.device_pixel_ratio,
  sessions.browser,
  sessions.os,
  sessions.device_type,
  sessions.country,
  sessions.user_id,
  sessions.user_at,
  sessions.user_position,
  sessions.lead_at,
  sessions.lead_position,
  sessions.last_position,
  sessions.exit_url,
  sessions.exit_path,
  sessions.exit_at,
  sessions.exit_position,
  false as exit_is_cold,
  pages.visitor_id as exit_visitor_id,
  pages.title as exit_title,
  pages.query_params as exit_query_params,
  pages.hash_fragment as exit_hash_fragment,
  pages.referrer as exit_referrer,
  pages.internal_referrer as exit_internal_referrer,
  pages.utm_source as exit_utm_source,
  pages.utm_medium as exit_utm_medium,
  pages.utm_campaign as exit_utm_campaign,
  pages.utm_content as exit_utm_content,
  pages.utm_term as exit_utm_term
from user_sessions as sessions
left join pageviews as pages on pages.site_id = sessions.site_id
  and pages.view_timestamp = sessions.exit_at
  and pages.id = sessions.exit_position
where sessions.session_key in (select cast(unnest(string_to_array($1, ',')) as bigint))
  and sessions.session_key >= $2::bigint
  and sessions.session_key <= $3::bigint;
