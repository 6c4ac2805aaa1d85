-- Rows of personalized_content of an account, newest first.
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
  and (cast($4 as uuid) is null or campaign_id = cast($4 as uuid))
order by created_at desc, id
limit $2 offset $3;
