-- SEMANTICALLY_SIMILAR: Product -> Product of the same category, brand and currency whose price differs
-- by at most a quarter of the higher one; weight the lower price by the higher one. Each product is held
-- against its nearest ones in order of price, so that large categories stay cheap.
--
-- Parameters
--   $1 site_id     text
--   $2 neighbours  int64       most edges of one product, the strongest
--   $3 now         timestamp   of the refresh
insert into graph_edges
with priced as (
  select
    external_id,
    category,
    brand,
    currency,
    cast(price as double precision) as price,
    created_at,
    updated_at,
    row_number() over (
      partition by category, brand, currency
      order by price, external_id
    ) as place
  from product
  where site_id = $1
    and not hidden
    and category <> ''
    and brand <> ''
    and currency is not null
    and price > 0
),
pairs as (
  select
    one.external_id as from_id,
    other.external_id as to_id,
    least(one.price, other.price) / greatest(one.price, other.price) as weight,
    greatest(one.created_at, other.created_at) as first_at,
    greatest(one.updated_at, other.updated_at) as last_at
  from priced as one
  inner join priced as other
    on other.category = one.category
    and other.brand = one.brand
    and other.currency = one.currency
    and other.place <> one.place
    and other.place between one.place - $2 and one.place + $2
),
ranked as (
  select
    pairs.*,
    row_number() over (
      partition by from_id
      order by weight desc, to_id
    ) as place
  from pairs
  where weight >= 0.75
)
select
  cast($1 as varchar) as site_id,
  'SEMANTICALLY_SIMILAR' as edge_type,
  'Product' as from_type,
  from_id,
  'Product' as to_type,
  to_id,
  weight,
  first_at,
  last_at,
  cast($3 as timestamptz) as updated_at
from ranked
where place <= $2;
