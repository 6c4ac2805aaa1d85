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
--   hidden       bool
select
  external_id,
  name,
  category,
  brand,
  cast(price as double precision) as price,
  cast(stock as bigint) as stock,
  url,
  image_url,
  hidden
from product
where site_id = $1
order by external_id;
