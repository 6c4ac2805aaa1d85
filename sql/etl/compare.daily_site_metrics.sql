-- Rows of daily_site_metrics in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   site_id
--   metric_date
--   unique_visitors
--   total_sessions
--   total_pageviews
--   bounce_rate
--   avg_session_duration_seconds
--   avg_pages_per_session
--   total_events
--   direct_sessions
--   search_sessions
--   social_sessions
--   referral_sessions
--   email_sessions
--   paid_sessions
--   ai_sessions
--   internal_sessions
--   bounced_sessions
--   total_duration_seconds
--   orders
--   revenue
select
  id,
  site_id,
  metric_date,
  unique_visitors,
  total_sessions,
  total_pageviews,
  bounce_rate,
  avg_session_duration_seconds,
  avg_pages_per_session,
  total_events,
  direct_sessions,
  search_sessions,
  social_sessions,
  referral_sessions,
  email_sessions,
  paid_sessions,
  ai_sessions,
  internal_sessions,
  bounced_sessions,
  total_duration_seconds,
  orders,
  revenue
from daily_site_metrics
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
