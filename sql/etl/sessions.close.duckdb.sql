-- Moves sessions that closed without a further event, and their exit pages, to where rows are
-- final.
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
  pages.exit_position as id,
  leads.session_id,
  pages.visitor_id,
  leads.site_id,
  pages.url,
  pages.path,
  pages.title,
  pages.query_params,
  pages.hash_fragment,
  pages.exit_at as view_timestamp,
  case
    when (sessions.last_event_at, sessions.last_position) > (pages.exit_at, pages.exit_position)
      then cast(
        least((epoch_ms(sessions.last_event_at) - epoch_ms(pages.exit_at)) // 1000, 1800) as integer
      )
  end as time_on_page_seconds,
  pages.referrer,
  pages.internal_referrer,
  pages.utm_source,
  pages.utm_medium,
  pages.utm_campaign,
  pages.utm_content,
  pages.utm_term,
  pages.session_key
from hot_pages as pages
inner join hot_sessions as sessions on sessions.session_key = pages.session_key
inner join hot_leads as leads on leads.session_key = pages.session_key
where not pages.exit_is_cold
  and pages.session_key in (select unnest(try_cast(string_to_array($1, ',') as bigint[])))
  and pages.session_key >= $2::bigint
  and pages.session_key <= $3::bigint
order by pages.exit_position;

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
  pages.exit_position
from hot_sessions as sessions
inner join hot_leads as leads on leads.session_key = sessions.session_key
left join hot_pages as pages on pages.session_key = sessions.session_key
where sessions.session_key in (select unnest(try_cast(string_to_array($1, ',') as bigint[])))
  and sessions.session_key >= $2::bigint
  and sessions.session_key <= $3::bigint
order by sessions.session_key;

delete from hot_sessions
where session_key in (select unnest(try_cast(string_to_array($1, ',') as bigint[])))
  and session_key >= $2::bigint
  and session_key <= $3::bigint;

delete from hot_leads
where session_key in (select unnest(try_cast(string_to_array($1, ',') as bigint[])))
  and session_key >= $2::bigint
  and session_key <= $3::bigint;

delete from hot_pages
where session_key in (select unnest(try_cast(string_to_array($1, ',') as bigint[])))
  and session_key >= $2::bigint
  and session_key <= $3::bigint;
