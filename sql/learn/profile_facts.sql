-- What people did with products: what the numbers of a visitor are worked out from. In no order; `since`
-- is chosen so that there are hardly more than rows_max.
--
-- Parameters
--   $1 site_id   text
--   $2 since     timestamp
--   $3 until     timestamp
--   $4 rows_max  int64
-- Columns
--   user_id     int64
--   product_id  int64
--   timestamp   timestamp
--   kind        text
--   price       double   of the interaction, else of the catalogue; null: not known
--   reward      double
--   category    text     null: not known
--   device      text     null: not known
--   id          int64
select
  interactions.user_id,
  interactions.product_id,
  interactions.timestamp,
  interactions.interaction_type as kind,
  cast(coalesce(interactions.price, product.price) as double precision) as price,
  cast(interactions.reward as double precision) as reward,
  product.category,
  interactions.context ->> 'device_type' as device,
  interactions.id
from user_product_interactions as interactions
left join product
  on product.site_id = interactions.site_id
  and product.id = interactions.product_id
where interactions.site_id = $1
  and interactions.timestamp >= $2
  and interactions.timestamp <= $3
limit $4;
