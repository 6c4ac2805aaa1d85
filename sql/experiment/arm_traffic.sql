-- Writes the share of a bandit's variation.
--
-- Parameters
--   $1 user_id       int64
--   $2 ab_test_id    uuid
--   $3 variation_id  text
--   $4 traffic       double   percent
--   $5 updated_at    timestamp
update test_variations
set
  traffic_percentage = $4,
  updated_at = $5
where user_id = $1
  and ab_test_id = $2
  and variation_id = $3;
