-- A person's latest interactions.
--
-- Parameters
--   $1 site_id  text
--   $2 user_id  int64      users.id
--   $3 begin    timestamp
--   $4 end      timestamp
--   $5 count    int64      at most
-- Columns
--   id                int64
--   product_id        int64
--   interaction_type  text
--   session_id        text
--   timestamp         timestamp
--   context           json
--   reward            double
select
  id,
  product_id,
  interaction_type,
  session_id,
  timestamp,
  context,
  reward
from user_product_interactions
where site_id = $1
  and user_id = $2::bigint
  and timestamp >= $3
  and timestamp < $4
order by
  timestamp desc,
  id desc
limit $5::bigint;
