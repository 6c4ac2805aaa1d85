-- Interactions of a site and a month.
--
-- Parameters
--   $1 site_id    text
--   $2 begin      timestamp
--   $3 end        timestamp   first instant after it
--   $4 before_id  int64       before this position of the journal, or put in by somebody else
-- Columns
--   id                int64
--   user_id           int64
--   product_id        int64
--   interaction_type  text
--   session_id        text
--   timestamp         timestamp
--   context           json
--   reward            double
--   site_id           text
--   visitor_id        text
--   item_id           text
--   quantity          double
--   price             double
--   decision_id       uuid
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
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
  and (id < $4 or id >= 4611686018427387904);
