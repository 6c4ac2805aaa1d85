-- Visits of each item on each UTC day; an item counts once a visit and day.
--
-- Parameters
--   $1 site_id  text
--   $2 since    timestamp
--   $3 until    timestamp   first instant not counted
-- Columns
--   item_id  text
--   day      int64   days since 1970-01-01
--   visits   int64
select
  item_id,
  cast(floor(extract(epoch from timestamp) / 86400) as bigint) as day,
  count(distinct session_id) as visits
from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
  and interaction_type in ('VIEW', 'CLICK', 'CART_ADD', 'WISHLIST', 'PURCHASE')
  and item_id is not null
group by item_id, cast(floor(extract(epoch from timestamp) / 86400) as bigint)
order by item_id, day;
