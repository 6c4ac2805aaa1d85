-- One row of personalized_content, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
-- Columns
--   id
--   user_id
--   campaign_id
--   template_id
--   content_type
--   context_hash
--   personalized_prompt
--   personalization_context
--   file_path
--   file_url
--   file_size
--   content_metadata
--   variables_used
--   targeting_configuration
--   impressions
--   clicks
--   conversions
--   engagement_score
--   performance_vs_template
--   model_used
--   generation_ms
--   generation_cost
--   quality_score
--   created_at
--   updated_at
select
  id,
  user_id,
  campaign_id,
  template_id,
  content_type,
  context_hash,
  personalized_prompt,
  personalization_context,
  file_path,
  file_url,
  file_size,
  content_metadata,
  variables_used,
  targeting_configuration,
  impressions,
  clicks,
  conversions,
  engagement_score,
  performance_vs_template,
  model_used,
  generation_ms,
  generation_cost,
  quality_score,
  created_at,
  updated_at
from personalized_content
where user_id = $1
  and id = $2;
