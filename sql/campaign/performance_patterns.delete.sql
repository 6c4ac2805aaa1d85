-- Deletes one row of performance_patterns, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from performance_patterns
where user_id = $1
  and id = $2;
