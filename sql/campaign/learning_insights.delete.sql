-- Deletes one row of learning_insights, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from learning_insights
where user_id = $1
  and id = $2;
