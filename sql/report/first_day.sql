-- The first day a site has numbers for; null when it has none.
--
-- Parameters
--   $1 site_id text
-- Columns
--   first_day  date
select
  min(metric_date) as first_day
from daily_site_metrics
where site_id = $1;
