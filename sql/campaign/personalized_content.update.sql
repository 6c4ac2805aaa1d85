-- Writes one row of personalized_content anew, if it is the account's.
--
-- Parameters
--   $1  user_id                 int64
--   $2  id                      uuid
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
--   $24 updated_at              timestamp
update personalized_content
set
  campaign_id = $3,
  template_id = $4,
  content_type = $5,
  context_hash = $6,
  personalized_prompt = $7,
  personalization_context = $8,
  file_path = $9,
  file_url = $10,
  file_size = $11,
  content_metadata = $12,
  variables_used = $13,
  targeting_configuration = $14,
  impressions = $15,
  clicks = $16,
  conversions = $17,
  engagement_score = $18,
  performance_vs_template = $19,
  model_used = $20,
  generation_ms = $21,
  generation_cost = $22,
  quality_score = $23,
  updated_at = $24
where user_id = $1
  and id = $2;
