-- Adds up the rows of a test's sums that are for the same thing, into a new generation.
--
-- Parameters
--   $1 site_id     text
--   $2 test_id     uuid
--   $3 generation  int64   of the new rows; all others go
insert into test_statistic (
  site_id,
  test_id,
  generation,
  metric,
  variation_id,
  dimension,
  dimension_value,
  cohort_day,
  units,
  y,
  yy,
  d,
  dd,
  yd,
  x,
  xx,
  e,
  ee,
  xe,
  yx,
  de,
  ye,
  xd
)
select
  site_id,
  test_id,
  cast($3 as bigint),
  metric,
  variation_id,
  dimension,
  dimension_value,
  cohort_day,
  sum(units),
  sum(y),
  sum(yy),
  sum(d),
  sum(dd),
  sum(yd),
  sum(x),
  sum(xx),
  sum(e),
  sum(ee),
  sum(xe),
  sum(yx),
  sum(de),
  sum(ye),
  sum(xd)
from test_statistic
where site_id = $1
  and test_id = $2
group by
  site_id,
  test_id,
  metric,
  variation_id,
  dimension,
  dimension_value,
  cohort_day
having sum(units) > 0.5
  or abs(sum(yy)) + abs(sum(dd)) + abs(sum(xx)) + abs(sum(ee)) > 1e-9;

delete from test_statistic
where site_id = $1
  and test_id = $2
  and generation < cast($3 as bigint);
