-- What people took: what they looked at, wanted or bought. In no order; `since` is chosen so that there
-- are hardly more than rows_max.
--
-- Parameters
--   $1 site_id   text
--   $2 since     timestamp
--   $3 until     timestamp
--   $4 rows_max  int64
-- Columns
--   user_id    int64
--   item_id    text
--   timestamp  timestamp
--   id         int64
select
  user_id,
  item_id,
  timestamp,
  id
from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
  and interaction_type in ('VIEW', 'CLICK', 'CART_ADD', 'WISHLIST', 'PURCHASE')
  and item_id is not null
limit $4;
