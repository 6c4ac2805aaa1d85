-- Sums of a test by day of the first exposure.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
-- Columns
--   metric           text     empty: units alone
--   variation_id     text
--   cohort_day       date
--   units            double
--   y                double
--   yy               double
--   d                double
--   dd               double
--   yd               double
--   x                double
--   xx               double
--   e                double
--   ee               double
--   xe               double
--   yx               double
--   de               double
--   ye               double
--   xd               double
select
  metric,
  variation_id,
  cohort_day,
  sum(units) as units,
  sum(y) as y,
  sum(yy) as yy,
  sum(d) as d,
  sum(dd) as dd,
  sum(yd) as yd,
  sum(x) as x,
  sum(xx) as xx,
  sum(e) as e,
  sum(ee) as ee,
  sum(xe) as xe,
  sum(yx) as yx,
  sum(de) as de,
  sum(ye) as ye,
  sum(xd) as xd
from test_statistic
where site_id = $1
  and test_id = $2
  and dimension = ''
group by
  metric,
  variation_id,
  cohort_day
order by
  cohort_day,
  metric,
  variation_id;
