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
  leads.session_id,
  leads.visitor_id,
  leads.site_id,
  leads.stream,
  sessions.session_start,
  sessions.last_event_at,
  sessions.pageview_count,
  sessions.event_count,
  sessions.engaged_count,
  leads.entry_url,
  leads.entry_path,
  leads.entry_title,
  leads.utm_source,
  leads.utm_medium,
  leads.utm_campaign,
  leads.utm_content,
  leads.utm_term,
  leads.referrer_type,
  leads.referrer_platform,
  leads.original_referrer,
  leads.user_agent,
  leads.browser_language,
  leads.timezone,
  leads.screen_width,
  leads.screen_height,
  leads.viewport_width,
  leads.viewport_height,
  leads.device_pixel_ratio,
  leads.browser,
  leads.os,
  leads.device_type,
  leads.country,
  sessions.user_id,
  sessions.user_at,
  sessions.user_position,
  leads.lead_at,
  leads.lead_position,
  sessions.last_position,
  pages.url as exit_url,
  pages.path as exit_path,
  pages.exit_at,
  pages.exit_position,
  pages.exit_is_cold,
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
from hot_sessions as sessions
inner join hot_leads as leads on leads.session_key = sessions.session_key
left join hot_pages as pages on pages.session_key = sessions.session_key
where sessions.session_key in (select unnest(try_cast(string_to_array($1, ',') as bigint[])))
  and sessions.session_key >= $2::bigint
  and sessions.session_key <= $3::bigint;
