-- The catalogue of a site, as serving needs it.
--
-- Parameters
--   $1 site_id text
-- Columns
--   external_id  text
--   name         text
--   category     text
--   brand        text
--   price        double
--   stock        int64
--   url          text
--   image_url    text
--   hidden       bool   also when it was taken out of the catalogue
--   categories   json   a list of texts, of a product in several; else null
--   labels       json   as sent: a list of texts, or anything else
--   type         text   "product", "content" or "offer"
select
  external_id,
  name,
  category,
  brand,
  cast(price as double precision) as price,
  cast(stock as bigint) as stock,
  url,
  image_url,
  hidden or deleted_at is not null as hidden,
  categories,
  labels,
  type
from product
where site_id = $1
order by external_id;
