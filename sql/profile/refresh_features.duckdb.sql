-- Computes the feature vectors of the people in profile_scope; docs/profiles.md defines every number.
-- Those they had go. A row's id is its person's, and not the sequence's next: a transaction of DuckDB
-- 1.5 keeps writing to the place where it first noted the use of a sequence, also when memory ran short
-- and the place was given to others (docs/decisions/0004-duckdb-1.5.md).
--
-- Parameters
--   $1 website_id uuid
--   $2 now        timestamp   what "days ago" counts from
delete from user_context_features
where site_id = cast(cast($1 as uuid) as varchar)
  and user_id in (
    select users.id
    from profile_scope as scope
    inner join users
      on users.site_id = scope.site_id
      and users.external_id = scope.person
    where scope.site_id = cast(cast($1 as uuid) as varchar)
  );

insert into user_context_features (id, user_id, feature_vector, last_updated, site_id)
with
facts as (
  select
    interactions.user_id,
    interactions.interaction_type as kind,
    interactions.timestamp,
    interactions.product_id,
    interactions.reward,
    coalesce(interactions.price, product.price) as price,
    product.category,
    interactions.context ->> 'device_type' as device,
    extract(hour from interactions.timestamp) as hour,
    extract(isodow from interactions.timestamp) as weekday
  from profile_scope as scope
  inner join users
    on users.site_id = scope.site_id
    and users.external_id = scope.person
  inner join user_product_interactions as interactions
    on interactions.site_id = users.site_id
    and interactions.user_id = users.id
  left join product
    on product.site_id = interactions.site_id
    and product.id = interactions.product_id
  where scope.site_id = cast(cast($1 as uuid) as varchar)
    and interactions.site_id = cast(cast($1 as uuid) as varchar)
    and interactions.timestamp <= cast($2 as timestamptz)
),
counted as (
  select
    user_id,
    count(*) as n,
    count(*) filter (where kind = 'VIEW') as view,
    count(*) filter (where kind = 'CLICK') as click,
    count(*) filter (where kind = 'CART_ADD') as cart_add,
    count(*) filter (where kind = 'PURCHASE') as purchase,
    count(*) filter (where kind = 'WISHLIST') as wishlist,
    count(*) filter (where kind = 'REMOVE_CART') as remove_cart,
    count(*) filter (where kind = 'REMOVE_WISHLIST') as remove_wishlist,
    count(*) filter (where kind = 'VIEW' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as view_30d,
    count(*) filter (where kind = 'CLICK' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as click_30d,
    count(*) filter (where kind = 'CART_ADD' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as cart_add_30d,
    count(*) filter (where kind = 'PURCHASE' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as purchase_30d,
    count(*) filter (where kind = 'WISHLIST' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as wishlist_30d,
    count(*) filter (where kind = 'REMOVE_CART' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as remove_cart_30d,
    count(*) filter (where kind = 'REMOVE_WISHLIST' and timestamp > cast($2 as timestamptz) - interval '30 days')
      as remove_wishlist_30d,
    count(*) filter (where hour >= 0 and hour < 6) as quarter_1,
    count(*) filter (where hour >= 6 and hour < 12) as quarter_2,
    count(*) filter (where hour >= 12 and hour < 18) as quarter_3,
    count(*) filter (where hour >= 18 and hour < 24) as quarter_4,
    count(*) filter (where weekday = 1) as weekday_1,
    count(*) filter (where weekday = 2) as weekday_2,
    count(*) filter (where weekday = 3) as weekday_3,
    count(*) filter (where weekday = 4) as weekday_4,
    count(*) filter (where weekday = 5) as weekday_5,
    count(*) filter (where weekday = 6) as weekday_6,
    count(*) filter (where weekday = 7) as weekday_7,
    count(*) filter (where device = 'mobile') as mobile,
    count(*) filter (where device = 'tablet') as tablet,
    count(*) filter (where device = 'desktop') as desktop,
    count(distinct product_id) as products,
    avg(price) as price_avg,
    max(price) as price_max,
    avg(reward) as reward_avg,
    floor(extract(epoch from (cast($2 as timestamptz) - max(timestamp))) / 86400) as last_days,
    floor(extract(epoch from (cast($2 as timestamptz) - max(timestamp) filter (where kind = 'VIEW'))) / 86400)
      as last_view_days,
    floor(extract(epoch from (cast($2 as timestamptz) - max(timestamp) filter (where kind = 'CART_ADD'))) / 86400)
      as last_cart_days,
    floor(extract(epoch from (cast($2 as timestamptz) - max(timestamp) filter (where kind = 'PURCHASE'))) / 86400)
      as last_purchase_days
  from facts
  group by user_id
),
category_counts as (
  select
    user_id,
    category,
    count(*) as interactions,
    sum(reward) as reward,
    row_number() over (partition by user_id order by sum(reward) desc, category) as place
  from facts
  where category is not null
  group by user_id, category
),
categories_of as (
  select
    user_id,
    count(*) as categories,
    max(interactions) as top_category
  from category_counts
  group by user_id
),
favorites_of as (
  select
    user_id,
    coalesce(to_json(list(category order by place)), '[]') as list
  from category_counts
  where place <= 5
    and reward > 0
  group by user_id
),
orders_of as (
  select
    scope.person,
    count(*) as orders,
    sum(orders.revenue) as spent,
    avg(orders.revenue) as order_avg
  from profile_scope as scope
  inner join orders
    on orders.site_id = scope.site_id
    and coalesce(orders.user_id, orders.visitor_id) = scope.person
  where scope.site_id = cast(cast($1 as uuid) as varchar)
    and orders.site_id = cast(cast($1 as uuid) as varchar)
    and orders.order_timestamp <= cast($2 as timestamptz)
  group by scope.person
),
visits as (
  select
    scope.person,
    sessions.country,
    sessions.last_event_at
  from profile_scope as scope
  inner join user_sessions as sessions
    on sessions.site_id = scope.site_id
    and coalesce(sessions.user_id, sessions.visitor_id) = scope.person
  where scope.site_id = cast(cast($1 as uuid) as varchar)
    and sessions.site_id = cast(cast($1 as uuid) as varchar)
    and sessions.session_start <= cast($2 as timestamptz)
),
countries as (
  select
    person,
    country,
    row_number() over (partition by person order by count(*) desc, country) as place
  from visits
  where country is not null
  group by person, country
),
visits_of as (
  select
    person,
    floor(extract(epoch from (cast($2 as timestamptz) - max(last_event_at))) / 86400) as last_visit_days
  from visits
  group by person
),
wide as (
  select
    counted.*,
    categories_of.categories,
    categories_of.top_category,
    favorites_of.list as favorites,
    coalesce(orders_of.orders, 0) as orders,
    coalesce(orders_of.spent, 0) as spent,
    orders_of.order_avg,
    countries.country,
    visits_of.last_visit_days
  from counted
  inner join users
    on users.site_id = cast(cast($1 as uuid) as varchar)
    and users.id = counted.user_id
  left join categories_of on categories_of.user_id = counted.user_id
  left join favorites_of on favorites_of.user_id = counted.user_id
  left join orders_of on orders_of.person = users.external_id
  left join countries on countries.person = users.external_id and countries.place = 1
  left join visits_of on visits_of.person = users.external_id
)
select
  user_id as id,
  user_id,
  json_object(
    'demographics', json_object(
      'age_group', cast(null as varchar),
      'location', country
    ),
    'purchase_history', json_object(
      'total_orders', orders,
      'avg_order_value', round(cast(order_avg as double), 2),
      'total_spent', round(cast(spent as double), 2),
      'favorite_categories', coalesce(favorites, cast('[]' as json))
    ),
    'engagement', json_object(
      'views_count', view,
      'clicks_count', click,
      'cart_adds_count', cart_add,
      'wishlist_count', wishlist
    ),
    'recency', json_object(
      'last_purchase_days', cast(last_purchase_days as bigint),
      'last_visit_days', cast(last_visit_days as bigint)
    ),
    'feature_vector', json_array(
      round(cast(cast(view as double precision) / n as double), 6),
      round(cast(cast(click as double precision) / n as double), 6),
      round(cast(cast(cart_add as double precision) / n as double), 6),
      round(cast(cast(purchase as double precision) / n as double), 6),
      round(cast(cast(wishlist as double precision) / n as double), 6),
      round(cast(cast(remove_cart as double precision) / n as double), 6),
      round(cast(cast(remove_wishlist as double precision) / n as double), 6),
      round(cast(least(1.0, ln(1 + cast(view as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(click as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(cart_add as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(purchase as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(wishlist as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(remove_cart as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(remove_wishlist as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(view_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(click_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(cart_add_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(purchase_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(wishlist_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(remove_cart_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(remove_wishlist_30d as double precision)) / ln(1001.0)) as double), 6),
      round(cast(cast(quarter_1 as double precision) / n as double), 6),
      round(cast(cast(quarter_2 as double precision) / n as double), 6),
      round(cast(cast(quarter_3 as double precision) / n as double), 6),
      round(cast(cast(quarter_4 as double precision) / n as double), 6),
      round(cast(cast(weekday_1 as double precision) / n as double), 6),
      round(cast(cast(weekday_2 as double precision) / n as double), 6),
      round(cast(cast(weekday_3 as double precision) / n as double), 6),
      round(cast(cast(weekday_4 as double precision) / n as double), 6),
      round(cast(cast(weekday_5 as double precision) / n as double), 6),
      round(cast(cast(weekday_6 as double precision) / n as double), 6),
      round(cast(cast(weekday_7 as double precision) / n as double), 6),
      round(cast(coalesce(1.0 / (1 + last_days), 0) as double), 6),
      round(cast(coalesce(1.0 / (1 + last_view_days), 0) as double), 6),
      round(cast(coalesce(1.0 / (1 + last_cart_days), 0) as double), 6),
      round(cast(coalesce(1.0 / (1 + last_purchase_days), 0) as double), 6),
      round(cast(least(1.0, ln(1 + cast(coalesce(price_avg, 0) as double precision)) / ln(100001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(coalesce(price_max, 0) as double precision)) / ln(100001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(coalesce(spent, 0) as double precision)) / ln(100001.0)) as double), 6),
      round(cast(least(1.0, ln(1 + cast(coalesce(order_avg, 0) as double precision)) / ln(100001.0)) as double), 6),
      round(cast(cast(mobile as double precision) / n as double), 6),
      round(cast(cast(tablet as double precision) / n as double), 6),
      round(cast(cast(desktop as double precision) / n as double), 6),
      round(cast(cast(products as double precision) / n as double), 6),
      round(cast(least(1.0, ln(1 + cast(coalesce(categories, 0) as double precision)) / ln(101.0)) as double), 6),
      round(cast(cast(coalesce(top_category, 0) as double precision) / n as double), 6),
      round(cast(case when cart_add > 0 then least(1.0, cast(purchase as double precision) / cart_add) else 0 end as double), 6),
      round(cast(case when view > 0 then least(1.0, cast(cart_add as double precision) / view) else 0 end as double), 6),
      round(cast(greatest(-1.0, least(1.0, coalesce(cast(reward_avg as double precision), 0) / 10)) as double), 6),
      round(cast(1 as double), 6)
    )
  ) as feature_vector,
  cast($2 as timestamptz) as last_updated,
  cast(cast($1 as uuid) as varchar) as site_id
from wide;
