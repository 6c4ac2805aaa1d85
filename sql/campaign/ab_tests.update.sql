-- Writes one row of ab_tests anew, if it is the account's.
--
-- Parameters
--   $1  user_id              int64
--   $2  id                   uuid
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
--   $29 updated_at           timestamp
update ab_tests
set
  campaign_id = $3,
  name = $4,
  test_type = $5,
  hypothesis = $6,
  confidence_threshold = $7,
  sample_size = $8,
  duration_days = $9,
  traffic_split = $10,
  start_date = $11,
  end_date = $12,
  winning_variation = $13,
  confidence_level = $14,
  significance_status = $15,
  p_value = $16,
  projected_lift = $17,
  revenue_impact = $18,
  engine = $19,
  primary_metric = $20,
  guardrail_metrics = $21,
  hash_attribute = $22,
  hash_version = $23,
  seed = $24,
  coverage = $25,
  site_id = $26,
  test_key = $27,
  design = $28,
  updated_at = $29
where user_id = $1
  and id = $2;
