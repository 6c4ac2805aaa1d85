-- Rows of test_variations of an account, newest first.
--
-- Parameters
--   $1 user_id    int64    the account
--   $2 limit      int64
--   $3 offset     int64
--   $4 ab_test_id uuid     only of this one; null: all
-- Columns
--   id
--   user_id
--   ab_test_id
--   variation_id
--   name
--   description
--   traffic_percentage
--   is_control
--   configuration
--   impressions
--   clicks
--   conversions
--   revenue
--   ctr
--   conversion_rate
--   revenue_per_visitor
--   confidence_interval_low
--   confidence_interval_high
--   statistical_power
--   created_at
--   updated_at
select
  id,
  user_id,
  ab_test_id,
  variation_id,
  name,
  description,
  traffic_percentage,
  is_control,
  configuration,
  impressions,
  clicks,
  conversions,
  revenue,
  ctr,
  conversion_rate,
  revenue_per_visitor,
  confidence_interval_low,
  confidence_interval_high,
  statistical_power,
  created_at,
  updated_at
from test_variations
where user_id = $1
  and (cast($4 as uuid) is null or ab_test_id = cast($4 as uuid))
order by created_at desc, id
limit $2 offset $3;
