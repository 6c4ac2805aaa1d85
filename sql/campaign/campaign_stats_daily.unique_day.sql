-- The row of campaign_stats_daily that has these values, which no two may have.
--
-- Parameters
--   $1 user_id     int64
--   $2 campaign_id uuid
--   $3 day         date
--   $4 platform    text
--   $5 audience    text
--   $6 template_id uuid
-- Columns
--   id
select id
from campaign_stats_daily
where user_id = $1
  and campaign_id is not distinct from $2
  and day = $3
  and platform = $4
  and audience = $5
  and template_id is not distinct from $6
order by id
limit 1;
