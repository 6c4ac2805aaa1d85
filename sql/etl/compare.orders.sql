-- Rows of orders in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   site_id
--   order_id
--   session_id
--   visitor_id
--   user_id
--   order_timestamp
--   revenue
--   currency
--   item_count
select
  id,
  site_id,
  order_id,
  session_id,
  visitor_id,
  user_id,
  order_timestamp,
  revenue,
  currency,
  item_count
from orders
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
