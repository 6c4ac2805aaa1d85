-- Adds a row to test_variations.
--
-- Parameters
--   $1  id                       uuid
--   $2  user_id                  int64
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
--   $17 created_at               timestamp
--   $18 updated_at               timestamp
insert into test_variations (
  id,
  user_id,
  ab_test_id,
  variation_id,
  name,
  description,
  traffic_percentage,
  is_control,
  configuration,
  impressions,
  clicks,
  conversions,
  revenue,
  confidence_interval_low,
  confidence_interval_high,
  statistical_power,
  created_at,
  updated_at,
  ctr,
  conversion_rate,
  revenue_per_visitor
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
  cast(cast($11 as bigint) as double precision) / nullif(cast($10 as bigint), 0),
  cast(cast($12 as bigint) as double precision) / nullif(cast($10 as bigint), 0),
  cast(cast($13 as decimal(19, 4)) as double precision) / nullif(cast($10 as bigint), 0)
);
