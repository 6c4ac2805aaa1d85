-- What a person did with products, newest first.
--
-- Parameters
--   $1 site_id  text
--   $2 user_id  int64      users.id
--   $3 begin    timestamp
--   $4 end      timestamp
--   $5 count    int64      at most
-- Columns
--   t            timestamp
--   type         text
--   item_id      text
--   name         text
--   category     text
--   price        decimal
--   quantity     decimal
--   reward       decimal
--   recommended  boolean    it followed from a recommendation
select
  i.timestamp as t,
  i.interaction_type as type,
  i.item_id,
  p.name,
  p.category,
  i.price,
  i.quantity,
  i.reward,
  i.decision_id is not null as recommended
from user_product_interactions i
left join product p
  on p.id = i.product_id
  and p.site_id = i.site_id
where i.site_id = $1
  and i.user_id = $2::bigint
  and i.timestamp >= $3
  and i.timestamp < $4
order by
  i.timestamp desc,
  i.id desc
limit $5::bigint;
