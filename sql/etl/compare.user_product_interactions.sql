-- Rows of user_product_interactions in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   user_id
--   product_id
--   interaction_type
--   session_id
--   timestamp
--   context
--   reward
--   site_id
--   visitor_id
--   item_id
--   quantity
--   price
--   decision_id
select
  id,
  user_id,
  product_id,
  interaction_type,
  session_id,
  timestamp,
  context,
  reward,
  site_id,
  visitor_id,
  item_id,
  quantity,
  price,
  decision_id
from user_product_interactions
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
