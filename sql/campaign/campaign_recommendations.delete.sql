-- Deletes one row of campaign_recommendations, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from campaign_recommendations
where user_id = $1
  and id = $2;
