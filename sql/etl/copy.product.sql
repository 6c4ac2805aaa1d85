-- Every row of product, which people edit and no replay can make.
--
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
where source = 'catalogue';
