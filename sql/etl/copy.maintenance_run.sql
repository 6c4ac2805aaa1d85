-- Every row of maintenance_run, which no replay can make.
--
-- Columns
--   period
--   started_at
--   finished_at
--   succeeded
--   detail
select
  period,
  started_at,
  finished_at,
  succeeded,
  detail
from maintenance_run;
