-- Deletes one row of ab_tests, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from ab_tests
where user_id = $1
  and id = $2;
