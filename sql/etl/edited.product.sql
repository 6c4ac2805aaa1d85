-- The catalogue that people edit; products only known from events are derived.
--
-- Columns
--   id           int64
--   site_id      text
--   external_id  text
--   name         text
--   category     text
--   brand        text
--   price        double
--   currency     text
--   stock        int64
--   url          text
--   image_url    text
--   hidden       bool
--   created_at   timestamp
--   updated_at   timestamp
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
  created_at,
  updated_at
from product
where source = 'catalogue'
order by site_id, id;
