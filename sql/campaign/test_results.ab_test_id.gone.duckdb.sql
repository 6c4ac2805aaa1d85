-- What PostgreSQL does by itself when a row of ab_tests goes:
-- its test_results go too.
--
-- Parameters
--   $1 user_id    int64
--   $2 ab_test_id uuid
delete from test_results
where user_id = $1
  and ab_test_id = $2;
