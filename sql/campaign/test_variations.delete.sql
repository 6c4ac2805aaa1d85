-- Deletes one row of test_variations, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from test_variations
where user_id = $1
  and id = $2;
