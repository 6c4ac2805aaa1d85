-- Rows of test_results of an account, newest first.
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
  and (cast($4 as uuid) is null or ab_test_id = cast($4 as uuid))
order by created_at desc, id
limit $2 offset $3;
