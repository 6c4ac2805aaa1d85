-- One row of learning_insights, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
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
  and id = $2;
