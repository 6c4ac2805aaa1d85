-- Rows of product in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   site_id
--   external_id
--   name
--   category
--   brand
--   price
--   currency
--   stock
--   url
--   image_url
--   hidden
--   source
--   created_at
--   updated_at
select
  id,
  site_id,
  external_id,
  name,
  category,
  brand,
  price,
  currency,
  stock,
  url,
  image_url,
  hidden,
  source,
  created_at,
  updated_at
from product
where id >= $1::bigint
  and id <= $2::bigint
  and source = 'event'
order by
  id;
