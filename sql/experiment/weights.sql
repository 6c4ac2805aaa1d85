-- Writes the shares that a bandit's variations had and have.
--
-- Parameters
--   $1 user_id     int64
--   $2 id          uuid
--   $3 weights     json
--   $4 updated_at  timestamp
update ab_tests
set
  weights = $3,
  updated_at = $4
where user_id = $1
  and id = $2;
