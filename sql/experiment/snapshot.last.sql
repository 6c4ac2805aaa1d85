-- What the last snapshot of a test was made of.
--
-- Parameters
--   $1 user_id    int64
--   $2 ab_test_id uuid
-- Columns
--   statistical_details
select statistical_details
from test_results
where user_id = $1
  and ab_test_id = $2
order by calculated_at desc, id
limit 1;
