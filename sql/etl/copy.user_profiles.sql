-- Every row of user_profiles, which a refresh makes from tables that a replay makes equal.
--
-- Columns
--   id
--   user_id
--   website_id
--   lifecycle_stage
--   funnel_position
--   session_count
--   total_pageviews
--   total_events
--   total_purchases
--   total_revenue
--   avg_session_duration
--   avg_time_on_page
--   avg_scroll_depth
--   bounce_rate
--   favorite_categories
--   favorite_products
--   price_sensitivity
--   preferred_brands
--   device_preference
--   first_visit
--   last_visit
--   created_at
--   updated_at
select
  id,
  user_id,
  website_id,
  lifecycle_stage,
  funnel_position,
  session_count,
  total_pageviews,
  total_events,
  total_purchases,
  total_revenue,
  avg_session_duration,
  avg_time_on_page,
  avg_scroll_depth,
  bounce_rate,
  favorite_categories,
  favorite_products,
  price_sensitivity,
  preferred_brands,
  device_preference,
  first_visit,
  last_visit,
  created_at,
  updated_at
from user_profiles;
