-- Adds a row to performance_patterns.
--
-- Parameters
--   $1  id                   uuid
--   $2  user_id              int64
--   $3  pattern_type         text
--   $4  name                 text
--   $5  description          text
--   $6  conditions           json
--   $7  condition_hash       text
--   $8  performance_impact   double
--   $9  frequency            double
--   $10 confidence_level     double
--   $11 p_value              double
--   $12 effect_size          double
--   $13 campaigns_analyzed   int64
--   $14 period_start         date
--   $15 period_end           date
--   $16 first_observed       timestamp
--   $17 last_observed        timestamp
--   $18 actionable_insights  json
--   $19 automation_potential double
--   $20 method               text
--   $21 basis                text
--   $22 n                    int64
--   $23 created_at           timestamp
--   $24 updated_at           timestamp
insert into performance_patterns (
  id,
  user_id,
  pattern_type,
  name,
  description,
  conditions,
  condition_hash,
  performance_impact,
  frequency,
  confidence_level,
  p_value,
  effect_size,
  campaigns_analyzed,
  period_start,
  period_end,
  first_observed,
  last_observed,
  actionable_insights,
  automation_potential,
  method,
  basis,
  n,
  created_at,
  updated_at
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24
);
