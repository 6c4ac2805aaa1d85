-- One site day's numbers, from the tables.
--
-- Parameters
--   $1 site_id      text
--   $2 metric_date  date
--   $3 begin        timestamp   first instant of the day in the site's time zone
--   $4 end          timestamp   first instant after it
--   $5 id           int64
insert into daily_site_metrics (
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
)
with views as (
  select
    count(*) as total
  from pageviews
  where site_id = $1
    and view_timestamp >= $3
    and view_timestamp < $4
),
actions as (
  select
    count(*) as total
  from user_events
  where site_id = $1
    and event_timestamp >= $3
    and event_timestamp < $4
),
visitors as (
  select
    count(distinct visitor_id) as total
  from (
    select visitor_id
    from pageviews
    where site_id = $1
      and view_timestamp >= $3
      and view_timestamp < $4
    union all
    select visitor_id
    from user_events
    where site_id = $1
      and event_timestamp >= $3
      and event_timestamp < $4
  ) as seen
),
visits as (
  select
    count(*) as total,
    count(*) filter (where bounce) as bounced,
    coalesce(sum(duration_seconds), 0) as seconds,
    coalesce(sum(pageview_count), 0) as pages,
    count(*) filter (where referrer_type = 'direct') as direct_total,
    count(*) filter (where referrer_type = 'search') as search_total,
    count(*) filter (where referrer_type = 'social') as social_total,
    count(*) filter (where referrer_type = 'referral') as referral_total,
    count(*) filter (where referrer_type = 'email') as email_total,
    count(*) filter (where referrer_type = 'paid') as paid_total,
    count(*) filter (where referrer_type = 'ai') as ai_total,
    count(*) filter (where referrer_type = 'internal') as internal_total
  from user_sessions
  where site_id = $1
    and session_start >= $3
    and session_start < $4
),
sales as (
  select
    count(*) as total,
    least(coalesce(sum(revenue), 0), 900000000000000) as revenue
  from orders
  where site_id = $1
    and order_timestamp >= $3
    and order_timestamp < $4
)
select
  $5::bigint,
  $1,
  $2::date,
  visitors.total,
  visits.total,
  views.total,
  case
    when visits.total > 0
      then cast(
        (visits.bounced * 20000 + visits.total) / (visits.total * 2) as decimal(18, 0)
      ) / 10000
  end,
  case
    when visits.total > 0 then (visits.seconds * 2 + visits.total) / (visits.total * 2)
  end,
  case
    when visits.total > 0
      then cast((visits.pages * 200 + visits.total) / (visits.total * 2) as decimal(18, 0)) / 100
  end,
  actions.total,
  visits.direct_total,
  visits.search_total,
  visits.social_total,
  visits.referral_total,
  visits.email_total,
  visits.paid_total,
  visits.ai_total,
  visits.internal_total,
  visits.bounced,
  visits.seconds,
  sales.total,
  sales.revenue
from views
cross join actions
cross join visitors
cross join visits
cross join sales
where visits.total + views.total + actions.total > 0
on conflict (site_id, metric_date) do update
set
  unique_visitors = excluded.unique_visitors,
  total_sessions = excluded.total_sessions,
  total_pageviews = excluded.total_pageviews,
  bounce_rate = excluded.bounce_rate,
  avg_session_duration_seconds = excluded.avg_session_duration_seconds,
  avg_pages_per_session = excluded.avg_pages_per_session,
  total_events = excluded.total_events,
  direct_sessions = excluded.direct_sessions,
  search_sessions = excluded.search_sessions,
  social_sessions = excluded.social_sessions,
  referral_sessions = excluded.referral_sessions,
  email_sessions = excluded.email_sessions,
  paid_sessions = excluded.paid_sessions,
  ai_sessions = excluded.ai_sessions,
  internal_sessions = excluded.internal_sessions,
  bounced_sessions = excluded.bounced_sessions,
  total_duration_seconds = excluded.total_duration_seconds,
  orders = excluded.orders,
  revenue = excluded.revenue;
