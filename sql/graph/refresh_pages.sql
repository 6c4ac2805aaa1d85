-- NAVIGATED_TO: Page -> Page, the next page of the same visit; weight the number of times, from the
-- newest million pageviews of the window. A page seen twice in a row is no step.
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
    session_key,
    path,
    view_timestamp,
    id
  from pageviews
  where site_id = $1
    and view_timestamp >= $2
    and view_timestamp < $3
  order by view_timestamp desc, id desc
  limit 1000000
),
steps as (
  select
    path as from_id,
    lead(path) over visit as to_id,
    lead(view_timestamp) over visit as stepped_at
  from recent
  window visit as (partition by session_key order by view_timestamp, id)
),
counted as (
  select
    from_id,
    to_id,
    count(*) as weight,
    min(stepped_at) as first_at,
    max(stepped_at) as last_at
  from steps
  where to_id is not null
    and to_id <> from_id
    and length(from_id) <= 255
    and length(to_id) <= 255
  group by from_id, to_id
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
  'NAVIGATED_TO' as edge_type,
  'Page' as from_type,
  from_id,
  'Page' as to_type,
  to_id,
  weight,
  first_at,
  last_at,
  cast($5 as timestamptz) as updated_at
from ranked
where place <= $4;
