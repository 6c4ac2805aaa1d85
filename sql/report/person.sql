-- The profile of one person.
--
-- Parameters
--   $1 website_id  uuid
--   $2 person      text
-- Columns
--   person                        text
--   lifecycle_stage               text
--   funnel_position               text
--   sessions                      int64
--   pageviews                     int64
--   events                        int64
--   purchases                     int64
--   revenue                       decimal
--   avg_session_duration_seconds  int64
--   avg_time_on_page_seconds      int64
--   avg_scroll_depth              int64
--   bounce_rate                   decimal
--   favorite_categories           json
--   favorite_products             json
--   price_sensitivity             text
--   preferred_brands              json
--   device_preference             text
--   first_visit                   timestamp
--   last_visit                    timestamp
--   updated_at                    timestamp
select
  user_id as person,
  lifecycle_stage,
  funnel_position,
  cast(session_count as bigint) as sessions,
  cast(total_pageviews as bigint) as pageviews,
  cast(total_events as bigint) as events,
  cast(total_purchases as bigint) as purchases,
  total_revenue as revenue,
  cast(avg_session_duration as bigint) as avg_session_duration_seconds,
  cast(avg_time_on_page as bigint) as avg_time_on_page_seconds,
  cast(avg_scroll_depth as bigint) as avg_scroll_depth,
  bounce_rate,
  favorite_categories,
  favorite_products,
  price_sensitivity,
  preferred_brands,
  device_preference,
  first_visit,
  last_visit,
  updated_at
from user_profiles
where website_id = $1
  and user_id = $2;
