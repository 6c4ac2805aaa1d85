-- Every row of test_variations, which people edit and no replay can make.
--
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
from test_variations;
