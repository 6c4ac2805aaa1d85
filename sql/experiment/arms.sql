-- Variations of tests in the order in which people are bucketed: the control first.
--
-- Parameters
--   $1 user_id int64   null: of all accounts
--   $2 id      uuid    of the test; null: of any
--   $3 site_id text    null: of tests of any site, or none
-- Columns
--   ab_test_id
--   variation_id
--   is_control
--   traffic_percentage
--   configuration
select
  test_variations.ab_test_id,
  test_variations.variation_id,
  test_variations.is_control,
  test_variations.traffic_percentage,
  test_variations.configuration
from test_variations
inner join ab_tests on ab_tests.user_id = test_variations.user_id
  and ab_tests.id = test_variations.ab_test_id
where (cast($1 as bigint) is null or ab_tests.user_id = cast($1 as bigint))
  and (cast($2 as uuid) is null or ab_tests.id = cast($2 as uuid))
  and (cast($3 as varchar) is null or ab_tests.site_id = cast($3 as varchar))
order by
  test_variations.ab_test_id,
  test_variations.is_control desc,
  test_variations.variation_id;
