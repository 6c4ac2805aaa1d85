-- The row of test_results that has these values, which no two may have.
--
-- Parameters
--   $1 user_id       int64
--   $2 ab_test_id    uuid
--   $3 calculated_at timestamp
-- Columns
--   id
select id
from test_results
where user_id = $1
  and ab_test_id = $2
  and calculated_at = $3
order by id
limit 1;
