-- Adds a row to campaign_recommendations.
--
-- Parameters
--   $1  id                      uuid
--   $2  user_id                 int64
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
--   $30 created_at              timestamp
--   $31 updated_at              timestamp
insert into campaign_recommendations (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31
);
