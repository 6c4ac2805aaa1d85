-- Stores items as products, each whole in what Gorse's API knows of them; what else the catalogue
-- has of a product stays. The comment is the name where the shop gave none.
--
-- Parameters
--   $1 site_id       text
--   $2 ids           text       stable_id(site_id, external_id), with the unit separator (chr 31) between
--   $3 external_ids  text       as many
--   $4 hidden        text       as many: true or false
--   $5 categories    text       as many JSON lists
--   $6 first         text       as many: the first category, cut; empty: none
--   $7 published_us  text       as many: microseconds since 1970; empty: not given
--   $8 labels        text       as many JSON texts
--   $9 comments      text       as many
--   $10 names        text       as many: comments, cut; empty: none
--   $11 updated_at   timestamp
insert into product (
  id, site_id, external_id, name, category, hidden, source, created_at, updated_at, categories,
  labels, comment, published_at, deleted_at
)
with given as (
  select
    unnest(string_to_array($2, chr(31))) as id,
    unnest(string_to_array($3, chr(31))) as external_id,
    unnest(string_to_array($4, chr(31))) as hidden,
    unnest(string_to_array($5, chr(31))) as categories,
    unnest(string_to_array($6, chr(31))) as first,
    unnest(string_to_array($7, chr(31))) as published_us,
    unnest(string_to_array($8, chr(31))) as labels,
    unnest(string_to_array($9, chr(31))) as comment,
    unnest(string_to_array($10, chr(31))) as name
)
select
  cast(id as bigint),
  cast($1 as varchar),
  external_id,
  nullif(name, ''),
  nullif(first, ''),
  cast(hidden as boolean),
  'catalogue',
  cast($11 as timestamptz),
  cast($11 as timestamptz),
  cast(categories as json),
  cast(labels as json),
  coalesce(comment, ''),
  to_timestamp(cast(nullif(published_us, '') as double precision) / 1000000),
  null
from given
order by id
on conflict (site_id, id) do update set
  name = case
    when product.name is null or starts_with(product.comment, product.name) then excluded.name
    else product.name
  end,
  category = excluded.category,
  hidden = excluded.hidden,
  source = excluded.source,
  updated_at = excluded.updated_at,
  categories = excluded.categories,
  labels = excluded.labels,
  comment = excluded.comment,
  published_at = excluded.published_at,
  deleted_at = null;
