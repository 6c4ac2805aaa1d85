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
--   $27 updated_at           timestamp
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
  status = $11,
  start_date = $12,
  end_date = $13,
  winning_variation = $14,
  confidence_level = $15,
  significance_status = $16,
  p_value = $17,
  projected_lift = $18,
  revenue_impact = $19,
  engine = $20,
  primary_metric = $21,
  guardrail_metrics = $22,
  hash_attribute = $23,
  hash_version = $24,
  seed = $25,
  coverage = $26,
  updated_at = $27
where user_id = $1
  and id = $2;
