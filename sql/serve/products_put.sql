-- Stores products of the catalogue, each whole; one that was only known from events becomes the
-- catalogue's. Each id stands once.
--
-- Parameters
--   $1 site_id       text
--   $2 ids           text       stable_id(site_id, external_id), with the unit separator (chr 31) between
--   $3 external_ids  text       as many, like the rest; an empty one is not given
--   $4 names         text
--   $5 categories    text
--   $6 brands        text
--   $7 prices        text
--   $8 currencies    text
--   $9 stocks        text       not given: not counted
--   $10 urls         text
--   $11 image_urls   text
--   $12 hidden       text       true or false
--   $13 lists        text       all categories, as JSON lists
--   $14 labels       text       JSON; not given: as they are
--   $15 types        text       "product", "content" or "offer"
--   $16 updated_at   timestamp
insert into product (
  id, site_id, external_id, name, category, brand, price, currency, stock, url, image_url, hidden,
  source, created_at, updated_at, categories, labels, type
)
with given as (
  select
    unnest(string_to_array($2, chr(31))) as id,
    unnest(string_to_array($3, chr(31))) as external_id,
    unnest(string_to_array($4, chr(31))) as name,
    unnest(string_to_array($5, chr(31))) as category,
    unnest(string_to_array($6, chr(31))) as brand,
    unnest(string_to_array($7, chr(31))) as price,
    unnest(string_to_array($8, chr(31))) as currency,
    unnest(string_to_array($9, chr(31))) as stock,
    unnest(string_to_array($10, chr(31))) as url,
    unnest(string_to_array($11, chr(31))) as image_url,
    unnest(string_to_array($12, chr(31))) as hidden,
    unnest(string_to_array($13, chr(31))) as categories,
    unnest(string_to_array($14, chr(31))) as labels,
    unnest(string_to_array($15, chr(31))) as type
)
select
  cast(id as bigint),
  cast($1 as varchar),
  external_id,
  nullif(name, ''),
  nullif(category, ''),
  nullif(brand, ''),
  cast(nullif(price, '') as decimal(19, 4)),
  nullif(currency, ''),
  cast(nullif(stock, '') as integer),
  nullif(url, ''),
  nullif(image_url, ''),
  cast(hidden as boolean),
  'catalogue',
  cast($16 as timestamptz),
  cast($16 as timestamptz),
  cast(nullif(categories, '') as json),
  cast(nullif(labels, '') as json),
  type
from given
order by id
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
  deleted_at = null,
  updated_at = excluded.updated_at,
  categories = excluded.categories,
  labels = coalesce(excluded.labels, product.labels),
  type = excluded.type;
