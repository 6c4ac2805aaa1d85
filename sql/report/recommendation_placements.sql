-- What became of recommended items, by placement, strategy and model, for decisions of a range.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp   first instant of the range
--   $3 end        timestamp   first instant after it
--   $4 site_id    text        of the same site
--   $5 now        timestamp   a row that matures later is not known yet
-- Columns
--   placement  text
--   strategy   text
--   model      text     version of the strategy's model; empty without one
--   items      int64    distinct ones that were shown
--   shown      int64
--   waiting    int64    of these not clicked, and not matured: unknown
--   clicked    int64
--   added      int64    clicked, and put into the cart by the same visitor within the site's window
--   converted  int64
--   revenue    double
with decided as (
  select
    coalesce(placement, '') as placement,
    coalesce(strategy, '') as strategy,
    coalesce((personalization_factors -> 'models') ->> strategy, '') as model,
    product_id,
    user_id,
    shown,
    clicked,
    clicked_at,
    converted,
    revenue,
    matured_at
  from recommendations
  where website_id = $1
    and decided_at >= $2
    and decided_at < $3
),
cart as (
  select coalesce(
    (select cart_window_h from site_windows where site_id = $4),
    168
  ) as hours
),
added as (
  select distinct
    decided.placement,
    decided.strategy,
    decided.model,
    decided.product_id,
    decided.user_id,
    decided.clicked_at
  from decided
  inner join user_product_interactions as taken on taken.product_id = decided.product_id
    and taken.visitor_id = decided.user_id
    and taken.site_id = $4
    and taken.interaction_type = 'CART_ADD'
    and taken.timestamp >= $2
    and taken.timestamp >= decided.clicked_at
  inner join cart on extract(epoch from taken.timestamp)
    <= extract(epoch from decided.clicked_at) + cart.hours * 3600
  where decided.clicked
),
carts as (
  select
    placement,
    strategy,
    model,
    count(*) as added
  from added
  group by placement, strategy, model
),
totals as (
  select
    placement,
    strategy,
    model,
    count(distinct case when shown then product_id end) as items,
    count(case when shown then 1 end) as shown,
    count(case when shown and not clicked and matured_at > $5 then 1 end) as waiting,
    count(case when shown and clicked then 1 end) as clicked,
    count(case when converted then 1 end) as converted,
    cast(coalesce(sum(revenue), 0) as double precision) as revenue
  from decided
  group by placement, strategy, model
)
select
  totals.placement,
  totals.strategy,
  totals.model,
  totals.items,
  totals.shown,
  totals.waiting,
  totals.clicked,
  coalesce(carts.added, 0) as added,
  totals.converted,
  totals.revenue
from totals
left join carts on carts.placement = totals.placement
  and carts.strategy = totals.strategy
  and carts.model = totals.model
order by totals.placement, totals.shown desc, totals.strategy, totals.model;
