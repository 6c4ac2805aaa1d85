-- The daily numbers of a range of site days; a day without a row had nothing.
--
-- Parameters
--   $1 site_id text
--   $2 first   date
--   $3 last    date
-- Columns
--   metric_date  date
--   visitors     int64
--   sessions     int64
--   pageviews    int64
--   events       int64
--   orders       int64
--   revenue      double
select
  metric_date,
  unique_visitors as visitors,
  total_sessions as sessions,
  total_pageviews as pageviews,
  total_events as events,
  orders,
  cast(revenue as double precision) as revenue
from daily_site_metrics
where site_id = $1
  and metric_date >= $2
  and metric_date <= $3
order by metric_date;
