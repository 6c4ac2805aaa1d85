-- Writes one row of performance_patterns anew, if it is the account's.
--
-- Parameters
--   $1  user_id              int64
--   $2  id                   uuid
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
--   $23 updated_at           timestamp
update performance_patterns
set
  pattern_type = $3,
  name = $4,
  description = $5,
  conditions = $6,
  condition_hash = $7,
  performance_impact = $8,
  frequency = $9,
  confidence_level = $10,
  p_value = $11,
  effect_size = $12,
  campaigns_analyzed = $13,
  period_start = $14,
  period_end = $15,
  first_observed = $16,
  last_observed = $17,
  actionable_insights = $18,
  automation_potential = $19,
  method = $20,
  basis = $21,
  n = $22,
  updated_at = $23
where user_id = $1
  and id = $2;
