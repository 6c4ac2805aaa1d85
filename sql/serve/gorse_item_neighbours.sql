-- Items that the people of some items took notice of too: the cosine between an item's people and
-- those of the given items.
--
-- Parameters
--   $1 site_id     text
--   $2 categories  json       a list; an item is in all of them; null: any item
--   $3 user_id     text       without items of this user's feedback; null: all
--   $4 now         timestamp
--   $5 most        int64
--   $6 skip        int64
--   $7 since       timestamp
--   $8 items       text       numbers of products, with commas between
--   $9 people      int64      so many of the given items' people are looked at, the newest ones
-- Columns
--   item_id  text
--   score    double  0 to 1
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
given as (
  select cast(unnest(string_to_array($8, ',')) as bigint) as product_id
),
people as (
  select user_id
  from noticed
  where product_id in (select product_id from given)
  group by user_id
  order by max(newest) desc, user_id
  limit cast($9 as bigint)
),
together as (
  select
    product_id,
    count(*) as people
  from noticed
  where user_id in (select user_id from people)
    and product_id not in (select product_id from given)
  group by product_id
),
everybody as (
  select
    product_id,
    count(*) as people
  from noticed
  where product_id in (select product_id from together)
  group by product_id
)
select
  product.external_id as item_id,
  cast(
    together.people / sqrt(cast(everybody.people as double precision) * (select count(*) from people))
    as double precision
  ) as score
from together
  inner join everybody on everybody.product_id = together.product_id
  inner join product on product.site_id = $1
    and product.id = together.product_id
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
