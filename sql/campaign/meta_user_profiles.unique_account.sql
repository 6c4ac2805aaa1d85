-- The row of meta_user_profiles that has these values, which no two may have.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   id
select id
from meta_user_profiles
where user_id = $1
order by id
limit 1;
