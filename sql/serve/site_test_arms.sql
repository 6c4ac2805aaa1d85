-- Variations of a site's tests, in the order of bucketing: the control first.
--
-- Parameters
--   $1 site_id text
-- Columns
--   test_key            text
--   variation_id        text
--   name                text
--   traffic_percentage  double
--   configuration       text    JSON
select
  ab_tests.test_key,
  test_variations.variation_id,
  test_variations.name,
  cast(test_variations.traffic_percentage as double precision) as traffic_percentage,
  cast(coalesce(test_variations.configuration, '{}') as text) as configuration
from test_variations
inner join ab_tests on ab_tests.user_id = test_variations.user_id
  and ab_tests.id = test_variations.ab_test_id
where ab_tests.site_id = $1
  and ab_tests.test_key is not null
  and cast(ab_tests.status as varchar) in ('Draft', 'Active', 'Paused')
order by
  ab_tests.test_key,
  test_variations.is_control desc,
  test_variations.variation_id
limit 20000;
