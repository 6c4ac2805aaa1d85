-- Writes one row of test_variations anew, if it is the account's.
--
-- Parameters
--   $1  user_id                  int64
--   $2  id                       uuid
--   $3  ab_test_id               uuid
--   $4  variation_id             text
--   $5  name                     text
--   $6  description              text
--   $7  traffic_percentage       double
--   $8  is_control               bool
--   $9  configuration            json
--   $10 impressions              int64
--   $11 clicks                   int64
--   $12 conversions              int64
--   $13 revenue                  double
--   $14 confidence_interval_low  double
--   $15 confidence_interval_high double
--   $16 statistical_power        double
--   $17 updated_at               timestamp
update test_variations
set
  ab_test_id = $3,
  variation_id = $4,
  name = $5,
  description = $6,
  traffic_percentage = $7,
  is_control = $8,
  configuration = $9,
  impressions = $10,
  clicks = $11,
  conversions = $12,
  revenue = $13,
  confidence_interval_low = $14,
  confidence_interval_high = $15,
  statistical_power = $16,
  ctr = cast(cast($11 as bigint) as double precision) / nullif(cast($10 as bigint), 0),
  conversion_rate = cast(cast($12 as bigint) as double precision) / nullif(cast($10 as bigint), 0),
  revenue_per_visitor = cast(cast($13 as decimal(19, 4)) as double precision) / nullif(cast($10 as bigint), 0),
  updated_at = $17
where user_id = $1
  and id = $2;
