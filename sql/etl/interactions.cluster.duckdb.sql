-- Lays the interactions of a range side by side by person: one person's rows are then found in few
-- row groups, and what repeats within a session is stored once. Run it in a transaction, after
-- etl/interactions.last_row.
--
-- Parameters
--   $1 begin     timestamp
--   $2 end       timestamp
--   $3 last_row  int64       rows up to this one are moved
insert into user_product_interactions
select *
from user_product_interactions
where timestamp >= $1
  and timestamp < $2
  and rowid <= $3::bigint
order by
  site_id,
  user_id,
  timestamp,
  id;

delete from user_product_interactions
where timestamp >= $1
  and timestamp < $2
  and rowid <= $3::bigint;
