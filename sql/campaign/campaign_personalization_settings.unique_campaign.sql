-- The row of campaign_personalization_settings that has these values, which no two may have.
--
-- Parameters
--   $1 user_id     int64
--   $2 campaign_id uuid
-- Columns
--   id
select id
from campaign_personalization_settings
where user_id = $1
  and campaign_id = $2
order by id
limit 1;
