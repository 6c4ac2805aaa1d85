-- What tells that running tests of a site have changed: how many there are, of how many variations,
-- and when the last change was.
--
-- Columns
--   site_id     text
--   tests       int64
--   arms        int64
--   updated_at  timestamp
select
  ab_tests.site_id,
  count(distinct ab_tests.id) as tests,
  count(*) as arms,
  greatest(max(ab_tests.updated_at), max(test_variations.updated_at)) as updated_at
from ab_tests
inner join test_variations on test_variations.user_id = ab_tests.user_id
  and test_variations.ab_test_id = ab_tests.id
where ab_tests.site_id is not null
  and cast(ab_tests.status as varchar) = 'Active'
group by ab_tests.site_id
order by ab_tests.site_id;
