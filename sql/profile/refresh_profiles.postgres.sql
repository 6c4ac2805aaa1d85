-- Computes the profiles of a site's people anew from its tables; docs/profiles.md defines every column.
--
-- Parameters
--   $1 website_id uuid
--   $2 now        timestamp   what "days ago" counts from
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
    session_key,
    session_id,
    coalesce(user_id, visitor_id) as person,
    session_start,
    last_event_at,
    duration_seconds,
    pageview_count,
    event_count,
    bounce,
    device_type
  from user_sessions
  where site_id = cast(cast($1 as uuid) as varchar)
    and session_start <= cast($2 as timestamptz)
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
    max(last_event_at) as last_visit
  from visits
  group by person
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
    coalesce(user_id, visitor_id) as person,
    count(*) as orders,
    sum(revenue) as revenue
  from orders
  where site_id = cast(cast($1 as uuid) as varchar)
    and order_timestamp <= cast($2 as timestamptz)
  group by coalesce(user_id, visitor_id)
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
    users.external_id as person,
    interactions.interaction_type as kind,
    interactions.item_id,
    interactions.reward,
    coalesce(interactions.price, product.price) as price,
    product.category,
    product.brand
  from user_product_interactions as interactions
  inner join users
    on users.site_id = interactions.site_id
    and users.id = interactions.user_id
  left join product
    on product.site_id = interactions.site_id
    and product.id = interactions.product_id
  where interactions.site_id = cast(cast($1 as uuid) as varchar)
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
category_prices as (
  select
    category,
    avg(price) as price
  from product
  where site_id = cast(cast($1 as uuid) as varchar)
    and price > 0
  group by category
),
prices_of as (
  select
    facts.person,
    avg(cast(facts.price as double precision) / cast(category_prices.price as double precision))
      as ratio
  from facts
  inner join category_prices on category_prices.category = facts.category
  where facts.price > 0
    and facts.reward > 0
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
      when visits_of.last_visit < cast($2 as timestamptz) - interval '90 days' then 'churned'
      when visits_of.last_visit < cast($2 as timestamptz) - interval '30 days' then 'at_risk'
      when visits_of.first_visit < cast($2 as timestamptz) - interval '7 days' then 'active'
      when visits_of.first_visit is not null then 'new'
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
      when prices_of.ratio < 0.8 then 'high'
      when prices_of.ratio <= 1.2 then 'medium'
      when prices_of.ratio is not null then 'low'
    end as price_sensitivity,
    coalesce(brands_of.list, '[]'::jsonb) as preferred_brands,
    devices.device_type as device_preference,
    visits_of.first_visit,
    visits_of.last_visit
  from people
  left join visits_of on visits_of.person = people.person
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
  cast(md5(cast($1 as uuid) || ':' || person) as uuid),
  left(person, 255),
  cast($1 as uuid),
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
  cast($2 as timestamptz),
  cast($2 as timestamptz)
from profiles
on conflict (website_id, user_id) do update
set
  lifecycle_stage = excluded.lifecycle_stage,
  funnel_position = excluded.funnel_position,
  session_count = excluded.session_count,
  total_pageviews = excluded.total_pageviews,
  total_events = excluded.total_events,
  total_purchases = excluded.total_purchases,
  total_revenue = excluded.total_revenue,
  avg_session_duration = excluded.avg_session_duration,
  avg_time_on_page = excluded.avg_time_on_page,
  avg_scroll_depth = excluded.avg_scroll_depth,
  bounce_rate = excluded.bounce_rate,
  favorite_categories = excluded.favorite_categories,
  favorite_products = excluded.favorite_products,
  price_sensitivity = excluded.price_sensitivity,
  preferred_brands = excluded.preferred_brands,
  device_preference = excluded.device_preference,
  first_visit = excluded.first_visit,
  last_visit = excluded.last_visit,
  updated_at = excluded.updated_at;

delete from user_profiles
where website_id = cast($1 as uuid)
  and updated_at <> cast($2 as timestamptz);
