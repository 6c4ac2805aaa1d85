-- Adds a row to test_results.
--
-- Parameters
--   $1  id                       uuid
--   $2  user_id                  int64
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
--   $20 created_at               timestamp
--   $21 updated_at               timestamp
insert into test_results (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21
);
