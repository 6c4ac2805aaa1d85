-- Computes the profiles of the people in profile_scope from the tables; docs/profiles.md defines every
-- column. Those they had go.
--
-- Parameters
--   $1 website_id uuid
--   $2 now        timestamp   what "days ago" counts from
delete from user_profiles
where website_id = cast($1 as uuid)
  and user_id in (
    select person
    from profile_scope
    where site_id = cast(cast($1 as uuid) as varchar)
  );

insert into user_profiles (
  id,
  user_id,
  website_id,
  lifecycle_stage,
  funnel_position,
  session_count,
  total_pageviews,
  total_events,
  total_purchases,
  total_revenue,
  avg_session_duration,
  avg_time_on_page,
  avg_scroll_depth,
  bounce_rate,
  favorite_categories,
  favorite_products,
  price_sensitivity,
  preferred_brands,
  device_preference,
  first_visit,
  last_visit,
  created_at,
  updated_at
)
with
visits as (
  select
    sessions.session_key,
    sessions.session_id,
    scope.person,
    sessions.session_start,
    sessions.last_event_at,
    sessions.duration_seconds,
    sessions.pageview_count,
    sessions.event_count,
    sessions.bounce,
    sessions.device_type,
    min(sessions.session_start) over (partition by scope.person) as first_visit
  from profile_scope as scope
  inner join user_sessions as sessions
    on sessions.site_id = scope.site_id
    and coalesce(sessions.user_id, sessions.visitor_id) = scope.person
  where scope.site_id = cast(cast($1 as uuid) as varchar)
    and sessions.site_id = cast(cast($1 as uuid) as varchar)
    and sessions.session_start <= cast($2 as timestamptz)
),
visits_of as (
  select
    person,
    count(*) as sessions,
    sum(pageview_count) as pageviews,
    sum(event_count) as events,
    avg(duration_seconds) as duration,
    avg(case when bounce then 1.0 else 0.0 end) as bounce_rate,
    min(session_start) as first_visit,
    max(last_event_at) as last_visit,
    count(distinct floor(extract(epoch from (session_start - first_visit)) / 86400)) - 1 as repeats,
    max(floor(extract(epoch from (session_start - first_visit)) / 86400)) as recency,
    floor(extract(epoch from (cast($2 as timestamptz) - min(session_start))) / 86400) as age
  from visits
  group by person
),
alive_of as (
  select
    visits_of.person,
    1 / (1 + exp(least(500.0,
      ln(parameters.a / (parameters.b + visits_of.repeats - 1))
      + (parameters.r + visits_of.repeats)
        * ln((parameters.alpha + cast(visits_of.age as double precision))
          / (parameters.alpha + cast(visits_of.recency as double precision)))
    ))) as probability
  from visits_of
  inner join profile_parameters as parameters on parameters.site_id = cast(cast($1 as uuid) as varchar)
  where parameters.r is not null
    and visits_of.repeats > 0
),
pages_of as (
  select
    visits.person,
    avg(pageviews.time_on_page_seconds) as time_on_page
  from pageviews
  inner join visits on visits.session_key = pageviews.session_key
  where pageviews.site_id = cast(cast($1 as uuid) as varchar)
    and pageviews.view_timestamp <= cast($2 as timestamptz)
  group by visits.person
),
person_of_session as (
  select
    session_id,
    max(person) as person
  from visits
  group by session_id
),
depths as (
  select
    person_of_session.person,
    max(user_events.scroll_percentage) as depth
  from user_events
  inner join person_of_session on person_of_session.session_id = user_events.session_id
  where user_events.site_id = cast(cast($1 as uuid) as varchar)
    and user_events.event_timestamp <= cast($2 as timestamptz)
    and user_events.scroll_percentage is not null
  group by person_of_session.person, user_events.session_id, user_events.page_path
),
depths_of as (
  select
    person,
    avg(depth) as depth
  from depths
  group by person
),
orders_of as (
  select
    scope.person,
    count(*) as orders,
    sum(orders.revenue) as revenue
  from profile_scope as scope
  inner join orders
    on orders.site_id = scope.site_id
    and coalesce(orders.user_id, orders.visitor_id) = scope.person
  where scope.site_id = cast(cast($1 as uuid) as varchar)
    and orders.site_id = cast(cast($1 as uuid) as varchar)
    and orders.order_timestamp <= cast($2 as timestamptz)
  group by scope.person
),
devices as (
  select
    person,
    device_type,
    row_number() over (partition by person order by count(*) desc, device_type) as place
  from visits
  where device_type in ('mobile', 'tablet', 'desktop')
  group by person, device_type
),
facts as (
  select
    scope.person,
    interactions.interaction_type as kind,
    interactions.item_id,
    interactions.reward,
    interactions.price as paid,
    product.price as list_price,
    coalesce(interactions.price, product.price) as price,
    product.category,
    product.brand
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
kinds_of as (
  select
    person,
    count(*) filter (where kind in ('VIEW', 'CLICK', 'WISHLIST')) as looked,
    count(*) filter (where kind = 'CART_ADD') as added
  from facts
  group by person
),
categories as (
  select
    person,
    category,
    row_number() over (partition by person order by sum(reward) desc, category) as place
  from facts
  where category is not null
  group by person, category
  having sum(reward) > 0
),
categories_of as (
  select
    person,
    coalesce(jsonb_agg(category order by place), '[]') as list
  from categories
  where place <= 5
  group by person
),
items as (
  select
    person,
    item_id,
    row_number() over (partition by person order by sum(reward) desc, item_id) as place
  from facts
  where item_id is not null
  group by person, item_id
  having sum(reward) > 0
),
items_of as (
  select
    person,
    coalesce(jsonb_agg(item_id order by place), '[]') as list
  from items
  where place <= 10
  group by person
),
brands as (
  select
    person,
    brand,
    row_number() over (partition by person order by sum(reward) desc, brand) as place
  from facts
  where brand is not null
  group by person, brand
  having sum(reward) > 0
),
brands_of as (
  select
    person,
    coalesce(jsonb_agg(brand order by place), '[]') as list
  from brands
  where place <= 5
  group by person
),
seen_prices as (
  select distinct
    category,
    price
  from facts
  where price > 0
    and reward > 0
    and category is not null
),
ranked_prices as (
  select
    seen_prices.category,
    seen_prices.price,
    case
      when prices.price = seen_prices.price then (prices.below + prices.up_to) / 2
      else prices.up_to
    end as position,
    row_number() over (
      partition by seen_prices.category, seen_prices.price order by prices.price desc
    ) as place
  from seen_prices
  inner join profile_prices as prices
    on prices.site_id = cast(cast($1 as uuid) as varchar)
    and prices.category = seen_prices.category
    and prices.price <= seen_prices.price
),
prices_of as (
  select
    facts.person,
    avg(ranked_prices.position) as position,
    count(*) filter (where facts.kind = 'PURCHASE' and facts.paid is not null and facts.list_price > 0)
      as bought,
    count(*) filter (where facts.kind = 'PURCHASE' and facts.paid < facts.list_price) as discounted
  from facts
  inner join ranked_prices
    on ranked_prices.category = facts.category
    and ranked_prices.price = facts.price
    and ranked_prices.place = 1
  where facts.reward > 0
  group by facts.person
  having count(*) >= 5
),
people as (
  select person from visits_of
  union
  select person from orders_of
  union
  select person from kinds_of
),
profiles as (
  select
    people.person,
    case
      when visits_of.first_visit >= cast($2 as timestamptz) - interval '7 days' then 'new'
      when alive_of.probability >= 0.5 then 'active'
      when alive_of.probability >= 0.2 then 'at_risk'
      when alive_of.probability is not null then 'churned'
      when visits_of.last_visit < cast($2 as timestamptz) - interval '90 days' then 'churned'
      when visits_of.last_visit < cast($2 as timestamptz) - interval '30 days' then 'at_risk'
      when visits_of.first_visit is not null then 'active'
    end as lifecycle_stage,
    case
      when orders_of.orders > 0 then 'retention'
      when kinds_of.added > 0 then 'decision'
      when kinds_of.looked > 0 then 'consideration'
      else 'awareness'
    end as funnel_position,
    cast(coalesce(visits_of.sessions, 0) as integer) as session_count,
    cast(coalesce(visits_of.pageviews, 0) as integer) as total_pageviews,
    cast(coalesce(visits_of.events, 0) as integer) as total_events,
    cast(coalesce(orders_of.orders, 0) as integer) as total_purchases,
    cast(coalesce(orders_of.revenue, 0) as decimal(19, 4)) as total_revenue,
    cast(round(cast(visits_of.duration as double precision)) as integer) as avg_session_duration,
    cast(round(cast(pages_of.time_on_page as double precision)) as integer) as avg_time_on_page,
    cast(round(cast(depths_of.depth as double precision)) as integer) as avg_scroll_depth,
    cast(visits_of.bounce_rate as decimal(5, 4)) as bounce_rate,
    coalesce(categories_of.list, '[]'::jsonb) as favorite_categories,
    coalesce(items_of.list, '[]'::jsonb) as favorite_products,
    case
      when prices_of.position < 1.0 / 3 then 'high'
      when prices_of.bought >= 3 and prices_of.discounted * 2 >= prices_of.bought then 'high'
      when prices_of.position <= 2.0 / 3 then 'medium'
      when prices_of.position is not null then 'low'
    end as price_sensitivity,
    coalesce(brands_of.list, '[]'::jsonb) as preferred_brands,
    devices.device_type as device_preference,
    visits_of.first_visit,
    visits_of.last_visit
  from people
  left join visits_of on visits_of.person = people.person
  left join alive_of on alive_of.person = people.person
  left join pages_of on pages_of.person = people.person
  left join depths_of on depths_of.person = people.person
  left join orders_of on orders_of.person = people.person
  left join kinds_of on kinds_of.person = people.person
  left join categories_of on categories_of.person = people.person
  left join items_of on items_of.person = people.person
  left join prices_of on prices_of.person = people.person
  left join brands_of on brands_of.person = people.person
  left join devices on devices.person = people.person and devices.place = 1
)
select
  cast(md5(cast($1 as uuid) || ':' || profiles.person) as uuid),
  left(profiles.person, 255),
  cast($1 as uuid),
  profiles.lifecycle_stage,
  profiles.funnel_position,
  profiles.session_count,
  profiles.total_pageviews,
  profiles.total_events,
  profiles.total_purchases,
  profiles.total_revenue,
  profiles.avg_session_duration,
  profiles.avg_time_on_page,
  profiles.avg_scroll_depth,
  profiles.bounce_rate,
  profiles.favorite_categories,
  profiles.favorite_products,
  profiles.price_sensitivity,
  profiles.preferred_brands,
  profiles.device_preference,
  profiles.first_visit,
  profiles.last_visit,
  coalesce(scope.created_at, cast($2 as timestamptz)),
  cast($2 as timestamptz)
from profiles
inner join profile_scope as scope
  on scope.site_id = cast(cast($1 as uuid) as varchar)
  and scope.person = profiles.person;
