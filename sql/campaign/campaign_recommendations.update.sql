-- Writes one row of campaign_recommendations anew, if it is the account's.
--
-- Parameters
--   $1  user_id                 int64
--   $2  id                      uuid
--   $3  name                    text
--   $4  campaign_type           text
--   $5  description             text
--   $6  reasoning               text
--   $7  content_prompts         json
--   $8  content_templates       json
--   $9  content_style           text
--   $10 content_type            text
--   $11 recommended_budget      double
--   $12 target_audience         json
--   $13 platform_allocation     json
--   $14 predicted_ctr           double
--   $15 predicted_engagement    double
--   $16 predicted_conversion    double
--   $17 predicted_roi           double
--   $18 prediction_intervals    json
--   $19 confidence_score        double
--   $20 implementation_status   text
--   $21 implemented_campaign_id uuid
--   $22 implemented_at          timestamp
--   $23 actual_ctr              double
--   $24 actual_engagement       double
--   $25 actual_conversion       double
--   $26 actual_roi              double
--   $27 method                  text
--   $28 basis                   text
--   $29 n                       int64
--   $30 updated_at              timestamp
update campaign_recommendations
set
  name = $3,
  campaign_type = $4,
  description = $5,
  reasoning = $6,
  content_prompts = $7,
  content_templates = $8,
  content_style = $9,
  content_type = $10,
  recommended_budget = $11,
  target_audience = $12,
  platform_allocation = $13,
  predicted_ctr = $14,
  predicted_engagement = $15,
  predicted_conversion = $16,
  predicted_roi = $17,
  prediction_intervals = $18,
  confidence_score = $19,
  implementation_status = $20,
  implemented_campaign_id = $21,
  implemented_at = $22,
  actual_ctr = $23,
  actual_engagement = $24,
  actual_conversion = $25,
  actual_roi = $26,
  method = $27,
  basis = $28,
  n = $29,
  updated_at = $30
where user_id = $1
  and id = $2;
