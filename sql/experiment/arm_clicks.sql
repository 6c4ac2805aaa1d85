-- Writes how many of a variation's people clicked.
--
-- Parameters
--   $1 user_id       int64
--   $2 ab_test_id    uuid
--   $3 variation_id  text
--   $4 clicks        int64
--   $5 updated_at    timestamp
update test_variations
set
  clicks = cast($4 as bigint),
  ctr = cast(cast($4 as bigint) as double precision) / nullif(impressions, 0),
  updated_at = $5
where user_id = $1
  and ab_test_id = $2
  and variation_id = $3;
