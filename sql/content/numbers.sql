-- What the slots of a site showed and what followed, by slot, template, group and kind of visitor.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp   first decision
--   $3 end        timestamp   after the last one
--   $4 site_id    text        of the same site
-- Columns
--   placement   text     slot:KEY
--   item_id     text     content:TEMPLATE
--   group_name  text     bandit, holdout
--   segment     text     new, returning, buyer
--   decided     int64
--   shown       int64
--   clicked     int64    of those shown
--   converted   int64    of those clicked: who ordered in the 7 days after the click
with chosen as (
  select
    placement,
    item_id,
    coalesce((personalization_factors ->> 'group'), '') as group_name,
    coalesce((personalization_factors ->> 'segment'), '') as segment,
    shown,
    shown and clicked as clicked,
    shown and clicked and exists (
      select 1
      from orders
      where orders.site_id = $4
        and orders.visitor_id = recommendations.user_id
        and orders.order_timestamp >= recommendations.clicked_at
        and orders.order_timestamp <= recommendations.clicked_at + interval '7 days'
    ) as converted
  from recommendations
  where website_id = $1
    and recommendation_type = 'content'
    and placement like 'slot:%'
    and decided_at >= $2
    and decided_at < $3
)
select
  placement,
  item_id,
  group_name,
  segment,
  cast(count(*) as bigint) as decided,
  cast(sum(case when shown then 1 else 0 end) as bigint) as shown,
  cast(sum(case when clicked then 1 else 0 end) as bigint) as clicked,
  cast(sum(case when converted then 1 else 0 end) as bigint) as converted
from chosen
group by
  placement,
  item_id,
  group_name,
  segment
order by
  placement,
  item_id,
  group_name,
  segment
limit 20000;
