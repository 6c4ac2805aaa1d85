-- Users who took notice of the same items: the cosine between two users' items.
--
-- Parameters
--   $1 site_id  text
--   $2 user     int64      users.id
--   $3 since    timestamp
--   $4 until    timestamp
--   $5 items    int64      so many items of the user are looked at, the newest ones
--   $6 most     int64
--   $7 skip     int64
-- Columns
--   user_id  text
--   score    double  0 to 1
with noticed as (
  select
    user_id,
    product_id,
    max(timestamp) as newest
  from user_product_interactions
  where site_id = $1
    and timestamp >= $3
    and timestamp <= $4
    and interaction_type in ('VIEW', 'CLICK', 'CART_ADD', 'WISHLIST', 'PURCHASE')
  group by user_id, product_id
),
mine as (
  select product_id
  from noticed
  where user_id = $2
  order by newest desc, product_id
  limit cast($5 as bigint)
),
together as (
  select
    user_id,
    count(*) as items
  from noticed
  where product_id in (select product_id from mine)
    and user_id <> $2
  group by user_id
),
everything as (
  select
    user_id,
    count(*) as items
  from noticed
  where user_id in (select user_id from together)
  group by user_id
)
select
  users.external_id as user_id,
  cast(
    together.items / sqrt(cast(everything.items as double precision) * (select count(*) from mine))
    as double precision
  ) as score
from together
  inner join everything on everything.user_id = together.user_id
  inner join users on users.site_id = $1
    and users.id = together.user_id
where users.is_known
  and not exists (
    select 1
    from gorse_user
    where gorse_user.site_id = $1
      and gorse_user.user_id = users.external_id
      and gorse_user.deleted_at is not null
  )
order by score desc, user_id
limit cast($6 as bigint)
offset cast($7 as bigint);
