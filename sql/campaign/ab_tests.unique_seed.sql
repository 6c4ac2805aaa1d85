-- The row of ab_tests that has these values, which no two may have.
--
-- Parameters
--   $1 user_id int64
--   $2 seed    text
-- Columns
--   id
select id
from ab_tests
where user_id = $1
  and seed = $2
order by id
limit 1;
