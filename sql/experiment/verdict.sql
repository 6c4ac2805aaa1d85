-- Writes what the last snapshot says into its test.
--
-- Parameters
--   $1 user_id              int64
--   $2 id                   uuid
--   $3 p_value              double
--   $4 confidence_level     double
--   $5 significance_status  text
--   $6 projected_lift       double
--   $7 revenue_impact       double
--   $8 updated_at           timestamp
--   $9 decision             json        null: as it is
update ab_tests
set
  p_value = $3,
  confidence_level = $4,
  significance_status = $5,
  projected_lift = $6,
  revenue_impact = $7,
  updated_at = $8,
  decision = coalesce($9, decision)
where user_id = $1
  and id = $2;
