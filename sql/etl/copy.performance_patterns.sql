-- Every row of performance_patterns, which people edit and no replay can make.
--
-- Columns
--   id
--   user_id
--   pattern_type
--   name
--   description
--   conditions
--   condition_hash
--   performance_impact
--   frequency
--   confidence_level
--   p_value
--   effect_size
--   campaigns_analyzed
--   period_start
--   period_end
--   first_observed
--   last_observed
--   actionable_insights
--   automation_potential
--   method
--   basis
--   n
--   created_at
--   updated_at
select
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
from performance_patterns;
