-- Deletes one row of campaign_stats_daily, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from campaign_stats_daily
where user_id = $1
  and id = $2;
