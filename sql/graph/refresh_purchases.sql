-- BOUGHT_TOGETHER: Product -> Product, both ways, in the same purchase: rows of one visit and instant;
-- weight the number of purchases with both, from the newest million bought items of the window and 20
-- products of each purchase.
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
    session_id,
    item_id,
    timestamp,
    id
  from user_product_interactions
  where site_id = $1
    and timestamp >= $2
    and timestamp < $3
    and interaction_type = 'PURCHASE'
    and item_id is not null
  order by timestamp desc, id desc
  limit 1000000
),
bought as (
  select
    session_id,
    timestamp,
    item_id,
    min(id) as id
  from recent
  where session_id is not null
  group by session_id, timestamp, item_id
),
first_ones as (
  select
    bought.*,
    row_number() over (
      partition by session_id, timestamp
      order by id
    ) as place
  from bought
),
counted as (
  select
    one.item_id as from_id,
    other.item_id as to_id,
    count(*) as weight,
    min(one.timestamp) as first_at,
    max(one.timestamp) as last_at
  from first_ones as one
  inner join first_ones as other
    on other.session_id = one.session_id
    and other.timestamp = one.timestamp
    and other.item_id <> one.item_id
  where one.place <= 20
    and other.place <= 20
  group by one.item_id, other.item_id
),
ranked as (
  select
    counted.*,
    row_number() over (
      partition by from_id
      order by weight desc, last_at desc, to_id
    ) as place
  from counted
)
select
  cast($1 as varchar) as site_id,
  'BOUGHT_TOGETHER' as edge_type,
  'Product' as from_type,
  from_id,
  'Product' as to_type,
  to_id,
  weight,
  first_at,
  last_at,
  cast($5 as timestamptz) as updated_at
from ranked
where place <= $4;
