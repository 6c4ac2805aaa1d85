-- When the last snapshot of a test was taken.
--
-- Parameters
--   $1 user_id    int64
--   $2 ab_test_id uuid
-- Columns
--   calculated_at  timestamp   null: never
select max(calculated_at) as calculated_at
from test_results
where user_id = $1
  and ab_test_id = $2;
