-- Rows of campaign_recommendations of an account, newest first.
--
-- Parameters
--   $1 user_id int64    the account
--   $2 limit   int64
--   $3 offset  int64
-- Columns
--   id
--   user_id
--   name
--   campaign_type
--   description
--   reasoning
--   content_prompts
--   content_templates
--   content_style
--   content_type
--   recommended_budget
--   target_audience
--   platform_allocation
--   predicted_ctr
--   predicted_engagement
--   predicted_conversion
--   predicted_roi
--   prediction_intervals
--   confidence_score
--   implementation_status
--   implemented_campaign_id
--   implemented_at
--   actual_ctr
--   actual_engagement
--   actual_conversion
--   actual_roi
--   method
--   basis
--   n
--   created_at
--   updated_at
select
  id,
  user_id,
  name,
  campaign_type,
  description,
  reasoning,
  content_prompts,
  content_templates,
  content_style,
  content_type,
  recommended_budget,
  target_audience,
  platform_allocation,
  predicted_ctr,
  predicted_engagement,
  predicted_conversion,
  predicted_roi,
  prediction_intervals,
  confidence_score,
  implementation_status,
  implemented_campaign_id,
  implemented_at,
  actual_ctr,
  actual_engagement,
  actual_conversion,
  actual_roi,
  method,
  basis,
  n,
  created_at,
  updated_at
from campaign_recommendations
where user_id = $1
order by created_at desc, id
limit $2 offset $3;
