-- Visits of each item; an item counts once a visit and UTC day.
--
-- Parameters
--   $1 site_id         text
--   $2 since           timestamp
--   $3 until           timestamp   first instant not counted
--   $4 half_life_days  double      of a visit, by the end of its day
-- Columns
--   item_id  text
--   decayed  double   sum of 2 ^ (-age / half-life)
--   week     int64    visits on days that ended less than six days before `until`
with
visits as (
  select distinct
    item_id,
    session_id,
    floor(extract(epoch from timestamp) / 86400) as day
  from user_product_interactions
  where site_id = $1
    and timestamp >= $2
    and timestamp < $3
    and interaction_type in ('VIEW', 'CLICK', 'CART_ADD', 'WISHLIST', 'PURCHASE')
    and item_id is not null
    and session_id is not null
),
aged as (
  select
    item_id,
    cast(
      greatest(0, extract(epoch from cast($3 as timestamptz)) / 86400 - (day + 1)) as double precision
    ) as age
  from visits
)
select
  item_id,
  sum(power(cast(2 as double precision), -age / cast($4 as double precision))) as decayed,
  count(*) filter (where age < 6) as week
from aged
group by item_id;
