-- VIEWED_TOGETHER: Product -> Product, both ways, seen in the same visit; weight the number of visits
-- with both, from the newest million views of the window and the 20 newest products of each visit.
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
    and interaction_type = 'VIEW'
    and item_id is not null
  order by timestamp desc, id desc
  limit 1000000
),
seen as (
  select
    session_id,
    item_id,
    max(timestamp) as seen_at
  from recent
  where session_id is not null
  group by session_id, item_id
),
newest as (
  select
    seen.*,
    row_number() over (
      partition by session_id
      order by seen_at desc, item_id
    ) as place
  from seen
),
counted as (
  select
    one.item_id as from_id,
    other.item_id as to_id,
    count(*) as weight,
    min(greatest(one.seen_at, other.seen_at)) as first_at,
    max(greatest(one.seen_at, other.seen_at)) as last_at
  from newest as one
  inner join newest as other
    on other.session_id = one.session_id
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
  'VIEWED_TOGETHER' as edge_type,
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
