-- What visitors did with items, newest first: what session models are trained on.
--
-- Parameters
--   $1 site_id   text
--   $2 since     timestamp
--   $3 until     timestamp   first instant not read
--   $4 rows_max  int64
-- Columns
--   session_id        text
--   item_id           text
--   timestamp         timestamp
--   interaction_type  text
--   user_id           int64
select
  session_id,
  item_id,
  timestamp,
  interaction_type,
  user_id
from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
  and interaction_type in ('VIEW', 'CLICK', 'CART_ADD', 'WISHLIST', 'PURCHASE')
  and session_id is not null
  and item_id is not null
order by timestamp desc, id desc
limit $4;
