-- Days whose numbers are out of date.
--
-- Columns
--   site_id      text
--   metric_date  date
select distinct
  site_id,
  metric_date
from etl_dirty_days
order by
  site_id,
  metric_date;
