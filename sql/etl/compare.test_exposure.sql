-- Rows of test_exposure in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   unit_id
--   site_id
--   test_key
--   visitor_id
--   variation_id
--   first_at
--   attributes
--   propensity
--   exposures
--   is_mixed
select
  unit_id,
  site_id,
  test_key,
  visitor_id,
  variation_id,
  first_at,
  attributes,
  propensity,
  exposures,
  is_mixed
from test_exposure
where unit_id >= $1::bigint
  and unit_id <= $2::bigint
order by
  unit_id;
