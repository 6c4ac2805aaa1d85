-- Adds a row to ab_tests, a draft: what becomes of it, the server says.
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
--   $11 start_date           timestamp
--   $12 end_date             timestamp
--   $13 winning_variation    text
--   $14 confidence_level     double
--   $15 significance_status  text
--   $16 p_value              double
--   $17 projected_lift       double
--   $18 revenue_impact       double
--   $19 engine               text
--   $20 primary_metric       text
--   $21 guardrail_metrics    json
--   $22 hash_attribute       text
--   $23 hash_version         int64
--   $24 seed                 text
--   $25 coverage             double
--   $26 site_id              text
--   $27 test_key             text
--   $28 design               json
--   $29 created_at           timestamp
--   $30 updated_at           timestamp
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
  site_id,
  test_key,
  design,
  created_at,
  updated_at
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
  $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30
);
