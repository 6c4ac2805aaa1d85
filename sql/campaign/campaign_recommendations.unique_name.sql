-- The row of campaign_recommendations that has these values, which no two may have.
--
-- Parameters
--   $1 user_id    int64
--   $2 name       text
--   $3 created_at timestamp
-- Columns
--   id
select id
from campaign_recommendations
where user_id = $1
  and name = $2
  and created_at = $3
order by id
limit 1;
