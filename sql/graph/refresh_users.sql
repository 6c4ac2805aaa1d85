-- VIEWED, ADDED_TO_CART, PURCHASED: User -> Product, weight the number of times, from the newest
-- million interactions of the window.
--
-- Parameters
--   $1 site_id     text
--   $2 begin       timestamp   first instant of the window
--   $3 end         timestamp   first instant after it
--   $4 neighbours  int64       most edges of one vertex, the strongest
--   $5 now         timestamp   of the refresh
insert into graph_edges
with recent as (
  select
    user_id,
    item_id,
    interaction_type,
    timestamp
  from user_product_interactions
  where site_id = $1
    and timestamp >= $2
    and timestamp < $3
    and interaction_type in ('VIEW', 'CART_ADD', 'PURCHASE')
    and item_id is not null
  order by timestamp desc, id desc
  limit 1000000
),
counted as (
  select
    interaction_type,
    user_id,
    item_id,
    count(*) as weight,
    min(timestamp) as first_at,
    max(timestamp) as last_at
  from recent
  group by interaction_type, user_id, item_id
),
ranked as (
  select
    counted.*,
    row_number() over (
      partition by interaction_type, user_id
      order by weight desc, last_at desc, item_id
    ) as place
  from counted
),
people as (
  select
    id,
    min(external_id) as external_id
  from users
  where site_id = $1
  group by id
)
select
  cast($1 as varchar) as site_id,
  case ranked.interaction_type
    when 'VIEW' then 'VIEWED'
    when 'CART_ADD' then 'ADDED_TO_CART'
    else 'PURCHASED'
  end as edge_type,
  'User' as from_type,
  people.external_id as from_id,
  'Product' as to_type,
  ranked.item_id as to_id,
  ranked.weight,
  ranked.first_at,
  ranked.last_at,
  cast($5 as timestamptz) as updated_at
from ranked
inner join people on people.id = ranked.user_id
where ranked.place <= $4;
