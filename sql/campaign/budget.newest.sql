-- The newest day of an account's campaign statistics.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   day date   null: there are none
select max(day) as day
from campaign_stats_daily
where user_id = $1;
