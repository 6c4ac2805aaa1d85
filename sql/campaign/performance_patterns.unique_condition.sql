-- The row of performance_patterns that has these values, which no two may have.
--
-- Parameters
--   $1 user_id        int64
--   $2 condition_hash text
--   $3 period_start   date
-- Columns
--   id
select id
from performance_patterns
where user_id = $1
  and condition_hash = $2
  and period_start = $3
order by id
limit 1;
