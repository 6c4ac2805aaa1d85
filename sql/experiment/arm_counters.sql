-- Writes what a variation's people did: those who were exposed, conversions and revenue.
--
-- Parameters
--   $1  user_id       int64
--   $2  ab_test_id    uuid
--   $3  variation_id  text
--   $4  units         int64
--   $5  conversions   int64
--   $6  revenue       double
--   $7  low           double   of the lift of the primary metric; null: of the control
--   $8  high          double
--   $9  power         double
--   $10 updated_at    timestamp
update test_variations
set
  impressions = $4,
  conversions = $5,
  revenue = cast(cast($6 as double precision) as decimal(19, 4)),
  ctr = cast(clicks as double precision) / nullif(cast($4 as bigint), 0),
  conversion_rate = cast(cast($5 as bigint) as double precision) / nullif(cast($4 as bigint), 0),
  revenue_per_visitor = cast($6 as double precision) / nullif(cast($4 as bigint), 0),
  confidence_interval_low = $7,
  confidence_interval_high = $8,
  statistical_power = $9,
  updated_at = $10
where user_id = $1
  and ab_test_id = $2
  and variation_id = $3;
