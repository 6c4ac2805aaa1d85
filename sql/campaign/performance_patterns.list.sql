-- Rows of performance_patterns of an account, newest first.
--
-- Parameters
--   $1 user_id int64    the account
--   $2 limit   int64
--   $3 offset  int64
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
from performance_patterns
where user_id = $1
order by created_at desc, id
limit $2 offset $3;
