-- The catalogue of a site, the latest change first.
--
-- Parameters
--   $1 site_id  text
--   $2 search   text   in id, name, category or brand, any case; empty: everything
--   $3 state    text   "", "hidden", "out_of_stock" or "seen" (known by events only)
--   $4 skip     int64
--   $5 count    int64  at most
--   $6 type     text   "product", "content" or "offer"; empty: all
-- Columns
--   item_id     text
--   name        text
--   category    text
--   brand       text
--   price       decimal
--   currency    text
--   stock       int64
--   url         text
--   image       text
--   hidden      boolean
--   source      text
--   type        text
--   updated_at  timestamp
--   total       int64     products that match
select
  external_id as item_id,
  name,
  category,
  brand,
  price,
  currency,
  cast(stock as bigint) as stock,
  url,
  image_url as image,
  hidden,
  source,
  type,
  updated_at,
  count(*) over () as total
from product
where site_id = $1
  and (
    $2::text = ''
    or lower(external_id || ' ' || coalesce(name, '') || ' ' || coalesce(category, '') || ' '
      || coalesce(brand, '')) like '%' || lower($2::text) || '%'
  )
  and case $3::text
    when 'hidden' then hidden
    when 'out_of_stock' then coalesce(stock, 1) <= 0
    when 'seen' then source <> 'catalogue'
    else true
  end
  and ($6::text = '' or type = $6::text)
order by
  updated_at desc,
  external_id
limit $5::bigint
offset $4::bigint;
