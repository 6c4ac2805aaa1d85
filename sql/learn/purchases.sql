-- Who bought what lately, each pair once, newest first.
--
-- Parameters
--   $1 site_id   text
--   $2 since     timestamp
--   $3 until     timestamp
--   $4 rows_max  int64
-- Columns
--   user_id    int64
--   item_id    text
--   bought_at  timestamp
select
  user_id,
  item_id,
  max(timestamp) as bought_at
from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
  and interaction_type = 'PURCHASE'
  and item_id is not null
group by user_id, item_id
order by bought_at desc, user_id, item_id
limit $4;
