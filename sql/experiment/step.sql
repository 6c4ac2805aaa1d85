-- Writes the state of a test after a step of its life.
--
-- Parameters
--   $1  user_id     int64
--   $2  id          uuid
--   $3  status      text
--   $4  test_key    text
--   $5  started_at  timestamp
--   $6  ended_at    timestamp
--   $7  decided_by  text
--   $8  decision    json
--   $9  design      json
--   $10 winner      text
--   $11 updated_at  timestamp
update ab_tests
set
  status = $3,
  test_key = $4,
  started_at = $5,
  ended_at = $6,
  decided_by = $7,
  decision = $8,
  design = $9,
  winning_variation = coalesce($10, winning_variation),
  updated_at = $11
where user_id = $1
  and id = $2;
