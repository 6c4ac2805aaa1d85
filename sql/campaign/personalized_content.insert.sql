-- Adds a row to personalized_content.
--
-- Parameters
--   $1  id                      uuid
--   $2  user_id                 int64
--   $3  campaign_id             uuid
--   $4  template_id             uuid
--   $5  content_type            text
--   $6  context_hash            text
--   $7  personalized_prompt     text
--   $8  personalization_context json
--   $9  file_path               text
--   $10 file_url                text
--   $11 file_size               int64
--   $12 content_metadata        json
--   $13 variables_used          json
--   $14 targeting_configuration json
--   $15 impressions             int64
--   $16 clicks                  int64
--   $17 conversions             int64
--   $18 engagement_score        double
--   $19 performance_vs_template double
--   $20 model_used              text
--   $21 generation_ms           int64
--   $22 generation_cost         double
--   $23 quality_score           double
--   $24 created_at              timestamp
--   $25 updated_at              timestamp
insert into personalized_content (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24, $25
);
