-- Adds a row to learning_insights.
--
-- Parameters
--   $1  id                       uuid
--   $2  user_id                  int64
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
--   $28 created_at               timestamp
--   $29 updated_at               timestamp
insert into learning_insights (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24, $25, $26, $27, $28, $29
);
