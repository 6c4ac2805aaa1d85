-- When an account's campaign statistics last changed.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   changed_at timestamp   null: there are none
select max(updated_at) as changed_at
from campaign_stats_daily
where user_id = $1;
