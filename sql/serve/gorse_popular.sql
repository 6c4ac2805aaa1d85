-- Items by the people who took notice of them, most first. A person counts less the longer ago it was.
--
-- Parameters
--   $1 site_id     text
--   $2 categories  json       a list; an item is in all of them; null: any item
--   $3 user_id     text       without items of this user's feedback; null: all
--   $4 now         timestamp
--   $5 most        int64
--   $6 skip        int64
--   $7 since       timestamp
--   $8 half_life   double     in days
-- Columns
--   item_id  text
--   score    double
with noticed as (
  select
    product_id,
    user_id,
    max(timestamp) as newest
  from user_product_interactions
  where site_id = $1
    and timestamp >= $7
    and timestamp <= $4
    and interaction_type in ('VIEW', 'CLICK', 'CART_ADD', 'WISHLIST', 'PURCHASE')
  group by product_id, user_id
),
counted as (
  select
    product_id,
    sum(
      power(
        0.5,
        extract(epoch from cast($4 as timestamptz) - newest) / 86400
          / cast($8 as double precision)
      )
    ) as score
  from noticed
  group by product_id
)
select
  product.external_id as item_id,
  cast(counted.score as double precision) as score
from counted
  inner join product on product.site_id = $1
    and product.id = counted.product_id
where true
  and product.deleted_at is null
  and not product.hidden
  and (cast($2 as varchar) is null or json_contains(
    coalesce(product.categories, cast('[' || cast(to_json(product.category) as varchar) || ']' as json)),
    cast($2 as json)
  ))
  and (cast($3 as varchar) is null or product.external_id not in (
    select item_id
    from gorse_feedback
    where site_id = $1
      and user_id = $3
      and given_at <= $4
  ))
order by score desc, item_id
limit cast($5 as bigint)
offset cast($6 as bigint);
