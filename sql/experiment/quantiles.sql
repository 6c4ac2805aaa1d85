-- Quantiles of a test's metrics.
--
-- Parameters
--   $1 site_id text
--   $2 test_id uuid
-- Columns
--   metric          text
--   variation_id    text     empty: of all people together
--   people          double   with a value
--   amounts         double   values
--   quantile_value  double
--   low_value       double   null: too few values below
--   high_value      double   null: too few values above
select
  metric,
  variation_id,
  people,
  amounts,
  quantile_value,
  low_value,
  high_value
from test_quantile
where site_id = $1
  and test_id = $2
order by
  metric,
  variation_id;
