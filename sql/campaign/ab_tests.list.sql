-- Rows of ab_tests of an account, newest first, of one site and in one state if that is asked for.
--
-- Parameters
--   $1 user_id     int64    the account
--   $2 limit       int64
--   $3 offset      int64
--   $4 campaign_id uuid     only of this one; null: all
--   $5 site_id     text     only of this one; null: all
--   $6 status      text     only in this state; null: in any
-- Columns
--   id
--   user_id
--   campaign_id
--   name
--   test_type
--   hypothesis
--   confidence_threshold
--   sample_size
--   duration_days
--   traffic_split
--   status
--   start_date
--   end_date
--   winning_variation
--   confidence_level
--   significance_status
--   p_value
--   projected_lift
--   revenue_impact
--   engine
--   primary_metric
--   guardrail_metrics
--   hash_attribute
--   hash_version
--   seed
--   coverage
--   site_id
--   test_key
--   design
--   started_at
--   ended_at
--   decided_by
--   decision
--   weights
--   created_at
--   updated_at
select
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
  site_id,
  test_key,
  design,
  started_at,
  ended_at,
  decided_by,
  decision,
  weights,
  created_at,
  updated_at
from ab_tests
where user_id = $1
  and (cast($4 as uuid) is null or campaign_id = cast($4 as uuid))
  and (cast($5 as varchar) is null or site_id = cast($5 as varchar))
  and (cast($6 as varchar) is null or cast(status as varchar) = cast($6 as varchar))
order by created_at desc, id
limit $2 offset $3;
