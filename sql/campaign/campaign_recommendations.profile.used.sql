-- A row of campaign_recommendations that still needs the account's profile.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   id
select id
from campaign_recommendations
where user_id = $1
order by id
limit 1;
