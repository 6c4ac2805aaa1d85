-- The row of ab_tests that has these values, which no two may have.
--
-- Parameters
--   $1 user_id int64
--   $2 name    text
-- Columns
--   id
select id
from ab_tests
where user_id = $1
  and name = $2
order by id
limit 1;
