-- Interactions and their rewards by type.
--
-- Parameters
--   $1 site_id  text
--   $2 begin    timestamp   first instant of the range
--   $3 end      timestamp   first instant after it
-- Columns
--   interaction_type  text
--   interactions      int64
--   reward            double   sum
select
  interaction_type,
  count(*) as interactions,
  sum(reward) as reward
from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
group by interaction_type
order by interactions desc;
