-- Stores one product of the catalogue; one that was only known from events becomes the catalogue's.
--
-- Parameters
--   $1 id           int64      stable_id(site_id, external_id)
--   $2 site_id      text
--   $3 external_id  text
--   $4 name         text       null, like the rest, when not given
--   $5 category     text
--   $6 brand        text
--   $7 price        double
--   $8 currency     text
--   $9 stock        int64      null: not counted
--   $10 url         text
--   $11 image_url   text
--   $12 hidden      bool
--   $13 updated_at  timestamp
insert into product (
  id, site_id, external_id, name, category, brand, price, currency, stock, url, image_url, hidden,
  source, created_at, updated_at
)
values (
  $1, $2, $3, $4, $5, $6, cast($7 as decimal(19, 4)), $8, cast($9 as integer), $10, $11, $12,
  'catalogue', $13, $13
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
  updated_at = excluded.updated_at;
