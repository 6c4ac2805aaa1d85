-- How many people a refresh is about, and when the first of the fresh ones was exposed.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
-- Columns
--   units  int64
--   since  timestamp   null: nobody is fresh
select
  count(*) as units,
  min(case when test_scope.is_fresh then test_exposure.first_at end) as since
from test_scope
inner join test_exposure on test_exposure.site_id = test_scope.site_id
  and test_exposure.unit_id = test_scope.unit_id
where test_scope.site_id = $1
  and test_scope.test_id = $2;
