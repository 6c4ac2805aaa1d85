-- Rows of learning_insights of an account, newest first.
--
-- Parameters
--   $1 user_id     int64    the account
--   $2 limit       int64
--   $3 offset      int64
--   $4 campaign_id uuid     only of this one; null: all
-- Columns
--   id
--   user_id
--   campaign_id
--   insight_type
--   category
--   title
--   description
--   fingerprint
--   baseline_performance
--   improved_performance
--   improvement_percentage
--   identified_patterns
--   contributing_factors
--   correlations
--   optimization_suggestions
--   priority
--   expected_impact
--   confidence_score
--   sample_size
--   period_start
--   period_end
--   data_quality
--   implementation_status
--   implementation_result
--   basis
--   method
--   discovered_at
--   created_at
--   updated_at
select
  id,
  user_id,
  campaign_id,
  insight_type,
  category,
  title,
  description,
  fingerprint,
  baseline_performance,
  improved_performance,
  improvement_percentage,
  identified_patterns,
  contributing_factors,
  correlations,
  optimization_suggestions,
  priority,
  expected_impact,
  confidence_score,
  sample_size,
  period_start,
  period_end,
  data_quality,
  implementation_status,
  implementation_result,
  basis,
  method,
  discovered_at,
  created_at,
  updated_at
from learning_insights
where user_id = $1
  and (cast($4 as uuid) is null or campaign_id = cast($4 as uuid))
order by created_at desc, id
limit $2 offset $3;
