-- Days of a range that the ETL has still to add up again.
--
-- Parameters
--   $1 site_id text
--   $2 first   date
--   $3 last    date
-- Columns
--   metric_date  date
select distinct
  metric_date
from etl_dirty_days
where site_id = $1
  and metric_date >= $2
  and metric_date <= $3
order by metric_date;
