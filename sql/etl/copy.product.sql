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
--   categories
--   labels
--   comment
--   published_at
--   deleted_at
--   type
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
  updated_at,
  categories,
  labels,
  comment,
  published_at,
  deleted_at,
  type
from product
where source = 'catalogue';
