-- A row of ab_tests that still needs the account's profile.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   id
select id
from ab_tests
where user_id = $1
order by id
limit 1;
