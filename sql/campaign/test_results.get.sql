-- One row of test_results, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
-- Columns
--   id
--   user_id
--   ab_test_id
--   total_impressions
--   total_conversions
--   duration_days
--   p_value
--   effect_size
--   statistical_power
--   winning_variation
--   confidence_level
--   significance_status
--   projected_lift
--   projected_lift_low
--   projected_lift_high
--   estimated_revenue_impact
--   variation_comparisons
--   statistical_details
--   calculated_at
--   created_at
--   updated_at
select
  id,
  user_id,
  ab_test_id,
  total_impressions,
  total_conversions,
  duration_days,
  p_value,
  effect_size,
  statistical_power,
  winning_variation,
  confidence_level,
  significance_status,
  projected_lift,
  projected_lift_low,
  projected_lift_high,
  estimated_revenue_impact,
  variation_comparisons,
  statistical_details,
  calculated_at,
  created_at,
  updated_at
from test_results
where user_id = $1
  and id = $2;
