-- Adds a row to ab_tests.
--
-- Parameters
--   $1  id                   uuid
--   $2  user_id              int64
--   $3  campaign_id          uuid
--   $4  name                 text
--   $5  test_type            text
--   $6  hypothesis           text
--   $7  confidence_threshold double
--   $8  sample_size          int64
--   $9  duration_days        int64
--   $10 traffic_split        json
--   $11 status               text
--   $12 start_date           timestamp
--   $13 end_date             timestamp
--   $14 winning_variation    text
--   $15 confidence_level     double
--   $16 significance_status  text
--   $17 p_value              double
--   $18 projected_lift       double
--   $19 revenue_impact       double
--   $20 engine               text
--   $21 primary_metric       text
--   $22 guardrail_metrics    json
--   $23 hash_attribute       text
--   $24 hash_version         int64
--   $25 seed                 text
--   $26 coverage             double
--   $27 created_at           timestamp
--   $28 updated_at           timestamp
insert into ab_tests (
  id,
  user_id,
  campaign_id,
  name,
  test_type,
  hypothesis,
  confidence_threshold,
  sample_size,
  duration_days,
  traffic_split,
  status,
  start_date,
  end_date,
  winning_variation,
  confidence_level,
  significance_status,
  p_value,
  projected_lift,
  revenue_impact,
  engine,
  primary_metric,
  guardrail_metrics,
  hash_attribute,
  hash_version,
  seed,
  coverage,
  created_at,
  updated_at
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24, $25, $26, $27, $28
);
