-- Writes one row of learning_insights anew, if it is the account's.
--
-- Parameters
--   $1  user_id                  int64
--   $2  id                       uuid
--   $3  campaign_id              uuid
--   $4  insight_type             text
--   $5  category                 text
--   $6  title                    text
--   $7  description              text
--   $8  fingerprint              text
--   $9  baseline_performance     json
--   $10 improved_performance     json
--   $11 improvement_percentage   double
--   $12 identified_patterns      json
--   $13 contributing_factors     json
--   $14 correlations             json
--   $15 optimization_suggestions json
--   $16 priority                 text
--   $17 expected_impact          double
--   $18 confidence_score         double
--   $19 sample_size              int64
--   $20 period_start             date
--   $21 period_end               date
--   $22 data_quality             double
--   $23 implementation_status    text
--   $24 implementation_result    json
--   $25 basis                    text
--   $26 method                   text
--   $27 discovered_at            timestamp
--   $28 updated_at               timestamp
update learning_insights
set
  campaign_id = $3,
  insight_type = $4,
  category = $5,
  title = $6,
  description = $7,
  fingerprint = $8,
  baseline_performance = $9,
  improved_performance = $10,
  improvement_percentage = $11,
  identified_patterns = $12,
  contributing_factors = $13,
  correlations = $14,
  optimization_suggestions = $15,
  priority = $16,
  expected_impact = $17,
  confidence_score = $18,
  sample_size = $19,
  period_start = $20,
  period_end = $21,
  data_quality = $22,
  implementation_status = $23,
  implementation_result = $24,
  basis = $25,
  method = $26,
  discovered_at = $27,
  updated_at = $28
where user_id = $1
  and id = $2;
