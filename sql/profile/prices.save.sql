-- Keeps where in its category a price lies: for each percent the least price that reaches it, with
-- the share of products that cost less and that cost no more.
--
-- Parameters
--   $1 website_id uuid
delete from profile_prices
where site_id = cast(cast($1 as uuid) as varchar);

insert into profile_prices (site_id, category, price, below, up_to)
with
priced as (
  select
    category,
    price,
    cast(count(*) as double precision) as products
  from product
  where site_id = cast(cast($1 as uuid) as varchar)
    and category is not null
    and price > 0
  group by category, price
),
summed as (
  select
    category,
    price,
    products,
    sum(products) over (
      partition by category order by price rows between unbounded preceding and current row
    ) as no_more,
    sum(products) over (partition by category) as total
  from priced
),
shares as (
  select
    category,
    price,
    (no_more - products) / total as below,
    no_more / total as up_to,
    row_number() over (
      partition by category, floor(100 * (no_more - products / 2) / total) order by price
    ) as place
  from summed
)
select
  cast(cast($1 as uuid) as varchar),
  category,
  price,
  below,
  up_to
from shares
where place = 1
union all
select distinct
  cast(cast($1 as uuid) as varchar),
  category,
  0,
  cast(0 as double precision),
  cast(0 as double precision)
from priced;
