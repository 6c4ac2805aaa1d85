-- The first day a site has numbers for, added up already or not yet; null when it has none.
--
-- Parameters
--   $1 site_id text
-- Columns
--   first_day  date
select
  min(metric_date) as first_day
from (
  select
    metric_date
  from daily_site_metrics
  where site_id = $1
  union all
  select
    metric_date
  from etl_dirty_days
  where site_id = $1
) as days;
