-- The last run of each kind of upkeep.
--
-- Columns
--   period       text
--   started_at   timestamp
--   finished_at  timestamp
--   succeeded    bool
--   detail       json
select
  period,
  started_at,
  finished_at,
  succeeded,
  detail
from maintenance_run
order by started_at, period;
