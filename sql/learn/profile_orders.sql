-- What people spent in orders.
--
-- Parameters
--   $1 site_id text
--   $2 until   timestamp
-- Columns
--   person  text
--   orders  int64
--   spent   double
select
  coalesce(user_id, visitor_id) as person,
  count(*) as orders,
  cast(sum(revenue) as double precision) as spent
from orders
where site_id = $1
  and order_timestamp <= $2
group by coalesce(user_id, visitor_id);
