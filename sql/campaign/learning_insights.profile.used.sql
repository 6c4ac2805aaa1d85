-- A row of learning_insights that still needs the account's profile.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   id
select id
from learning_insights
where user_id = $1
order by id
limit 1;
