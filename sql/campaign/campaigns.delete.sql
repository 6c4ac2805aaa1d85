-- Deletes one row of campaigns, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from campaigns
where user_id = $1
  and id = $2;
