-- Tests of a site that flags may refer to, by key; those that run say so.
--
-- Parameters
--   $1 site_id text
-- Columns
--   test_key        text
--   name            text
--   test_type       text
--   is_running      bool
--   is_bandit       bool
--   seed            text
--   hash_attribute  text
--   hash_version    int64
--   coverage        double
--   design          text    JSON
select
  test_key,
  name,
  cast(test_type as varchar) as test_type,
  cast(status as varchar) = 'Active' as is_running,
  engine = 'bandit' as is_bandit,
  coalesce(seed, '') as seed,
  hash_attribute,
  cast(hash_version as bigint) as hash_version,
  cast(coverage as double precision) as coverage,
  cast(coalesce(design, '{}') as text) as design
from ab_tests
where site_id = $1
  and test_key is not null
  and cast(status as varchar) in ('Draft', 'Active', 'Paused')
order by test_key, created_at
limit 1000;
