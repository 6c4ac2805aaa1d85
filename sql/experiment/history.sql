-- What the last snapshots of an account's completed tests said of their primary metrics.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid        a test that is left out
--   $3 before  timestamp   of tests that ended before
-- Columns
--   primary_metric         text
--   design                 json
--   variation_comparisons  json
select
  ab_tests.primary_metric,
  ab_tests.design,
  results.variation_comparisons
from ab_tests
inner join test_results as results
  on results.user_id = ab_tests.user_id
  and results.ab_test_id = ab_tests.id
where ab_tests.user_id = $1
  and ab_tests.id <> $2
  and ab_tests.status = 'Completed'
  and ab_tests.ended_at < $3
  and results.calculated_at = (
    select max(others.calculated_at)
    from test_results as others
    where others.user_id = ab_tests.user_id
      and others.ab_test_id = ab_tests.id
  )
order by
  ab_tests.ended_at,
  ab_tests.id;
