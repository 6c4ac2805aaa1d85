-- Tests, oldest first: of an account, one of them, those of a site, or all.
--
-- Parameters
--   $1 user_id int64   null: of all accounts
--   $2 id      uuid    null: any
--   $3 site_id text    null: of any site, or none
-- Columns
--   id
--   user_id
--   name
--   test_type
--   status
--   engine
--   site_id
--   test_key
--   primary_metric
--   hash_attribute
--   confidence_threshold
--   coverage
--   sample_size
--   design
--   guardrail_metrics
--   weights
--   decision
--   start_date
--   end_date
--   started_at
--   ended_at
select
  id,
  user_id,
  name,
  cast(test_type as varchar) as test_type,
  cast(status as varchar) as status,
  engine,
  site_id,
  test_key,
  primary_metric,
  hash_attribute,
  confidence_threshold,
  coverage,
  sample_size,
  design,
  guardrail_metrics,
  weights,
  decision,
  start_date,
  end_date,
  started_at,
  ended_at
from ab_tests
where (cast($1 as bigint) is null or user_id = cast($1 as bigint))
  and (cast($2 as uuid) is null or id = cast($2 as uuid))
  and (cast($3 as varchar) is null or site_id = cast($3 as varchar))
order by created_at, id;
