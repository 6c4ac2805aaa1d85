-- Writes one row of test_results anew, if it is the account's.
--
-- Parameters
--   $1  user_id                  int64
--   $2  id                       uuid
--   $3  ab_test_id               uuid
--   $4  total_impressions        int64
--   $5  total_conversions        int64
--   $6  duration_days            double
--   $7  p_value                  double
--   $8  effect_size              double
--   $9  statistical_power        double
--   $10 winning_variation        text
--   $11 confidence_level         double
--   $12 significance_status      text
--   $13 projected_lift           double
--   $14 projected_lift_low       double
--   $15 projected_lift_high      double
--   $16 estimated_revenue_impact double
--   $17 variation_comparisons    json
--   $18 statistical_details      json
--   $19 calculated_at            timestamp
--   $20 updated_at               timestamp
update test_results
set
  ab_test_id = $3,
  total_impressions = $4,
  total_conversions = $5,
  duration_days = $6,
  p_value = $7,
  effect_size = $8,
  statistical_power = $9,
  winning_variation = $10,
  confidence_level = $11,
  significance_status = $12,
  projected_lift = $13,
  projected_lift_low = $14,
  projected_lift_high = $15,
  estimated_revenue_impact = $16,
  variation_comparisons = $17,
  statistical_details = $18,
  calculated_at = $19,
  updated_at = $20
where user_id = $1
  and id = $2;
