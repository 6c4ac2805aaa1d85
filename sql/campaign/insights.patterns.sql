-- The newest row of each pattern that an account knows, in the order of what it says.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   id              uuid
--   condition_hash  text
--   first_observed  timestamp  null: not known
--   period_start    date
select
  id,
  condition_hash,
  first_observed,
  period_start
from performance_patterns
where user_id = $1
order by condition_hash, period_start;
