-- Puts one product of the catalogue as it stood in another database.
--
-- Parameters
--   $1 id           int64
--   $2 site_id      text
--   $3 external_id  text
--   $4 name         text
--   $5 category     text
--   $6 brand        text
--   $7 price        double
--   $8 currency     text
--   $9 stock        int64
--   $10 url         text
--   $11 image_url   text
--   $12 hidden      bool
--   $13 created_at  timestamp
--   $14 updated_at  timestamp
insert into product (
  id, site_id, external_id, name, category, brand, price, currency, stock, url, image_url, hidden,
  source, created_at, updated_at
)
values (
  $1, $2, $3, $4, $5, $6, cast($7 as decimal(19, 4)), $8, cast($9 as integer), $10, $11, $12,
  'catalogue', $13, $14
)
on conflict (site_id, id) do update set
  name = excluded.name,
  category = excluded.category,
  brand = excluded.brand,
  price = excluded.price,
  currency = excluded.currency,
  stock = excluded.stock,
  url = excluded.url,
  image_url = excluded.image_url,
  hidden = excluded.hidden,
  source = excluded.source,
  created_at = excluded.created_at,
  updated_at = excluded.updated_at;
