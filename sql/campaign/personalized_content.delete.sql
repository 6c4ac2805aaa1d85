-- Deletes one row of personalized_content, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from personalized_content
where user_id = $1
  and id = $2;
