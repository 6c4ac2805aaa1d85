-- The row of learning_insights that has these values, which no two may have.
--
-- Parameters
--   $1 user_id     int64
--   $2 fingerprint text
-- Columns
--   id
select id
from learning_insights
where user_id = $1
  and fingerprint = $2
order by id
limit 1;
