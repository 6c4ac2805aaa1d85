-- What visitors of placements with a control group did, by group: orders from a visitor's first
-- answer there until the end of the range.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp   first instant of the range
--   $3 end        timestamp   first instant after it
--   $4 site_id    text        of the same site
-- Columns
--   placement        text
--   group_name       text     treatment or control
--   visitors         int64
--   clickers         int64    visitors who clicked a recommended item
--   buyers           int64    visitors with an order
--   revenue          double
--   revenue_squares  double   sum over visitors of their revenue squared
with answered as (
  select
    coalesce(placement, '') as placement,
    (personalization_factors ->> 'group') as group_name,
    user_id as visitor_id,
    min(decided_at) as first_at,
    max(case when clicked then 1 else 0 end) as has_clicked
  from recommendations
  where website_id = $1
    and decided_at >= $2
    and decided_at < $3
    and user_id <> ''
    and (personalization_factors ->> 'group') in ('treatment', 'control')
  group by 1, 2, 3
),
bought as (
  select
    answered.placement,
    answered.group_name,
    answered.visitor_id,
    cast(sum(orders.revenue) as double precision) as revenue
  from answered
  inner join orders on orders.visitor_id = answered.visitor_id
    and orders.site_id = $4
    and orders.order_timestamp >= $2
    and orders.order_timestamp < $3
    and orders.order_timestamp >= answered.first_at
  group by answered.placement, answered.group_name, answered.visitor_id
)
select
  answered.placement,
  answered.group_name,
  count(*) as visitors,
  count(case when answered.has_clicked = 1 then 1 end) as clickers,
  count(bought.visitor_id) as buyers,
  coalesce(sum(bought.revenue), 0) as revenue,
  coalesce(sum(bought.revenue * bought.revenue), 0) as revenue_squares
from answered
left join bought on bought.placement = answered.placement
  and bought.group_name = answered.group_name
  and bought.visitor_id = answered.visitor_id
group by answered.placement, answered.group_name
order by answered.placement, answered.group_name;
