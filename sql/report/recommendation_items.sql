-- Recommended items of a range that were shown most.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp   first instant of the range
--   $3 end        timestamp   first instant after it
--   $4 site_id    text        of the same site
--   $5 limit      int64
-- Columns
--   item_id    text
--   name       text    from the catalogue, when it knows the item
--   shown      int64
--   clicked    int64
--   converted  int64
with items as (
  select
    product_id,
    item_id,
    count(case when shown then 1 end) as shown,
    count(case when shown and clicked then 1 end) as clicked,
    count(case when converted then 1 end) as converted
  from recommendations
  where website_id = $1
    and decided_at >= $2
    and decided_at < $3
  group by product_id, item_id
  order by shown desc, clicked desc, item_id
  limit $5
)
select
  items.item_id,
  product.name,
  items.shown,
  items.clicked,
  items.converted
from items
left join product on product.site_id = $4 and product.id = items.product_id
order by items.shown desc, items.clicked desc, items.item_id;
