-- Items of a site in the order of their ids.
--
-- Parameters
--   $1 site_id  text
--   $2 after    text    ids up to this one were given; empty: none
--   $3 most     int64
--   $4 only     text    null: all; else this item alone
--   $5 text     text    null: all; else those whose id, name, comment or labels have it, lower case
-- Columns
--   item_id     text
--   hidden      bool
--   categories  json
--   category    text
--   published   timestamp
--   labels      json
--   comment     text
select
  external_id as item_id,
  hidden,
  categories,
  category,
  published_at as published,
  labels,
  coalesce(comment, name, '') as comment
from product
where site_id = $1
  and deleted_at is null
  and external_id > $2
  and (cast($4 as varchar) is null or external_id = $4)
  and (
    cast($5 as varchar) is null
    or strpos(
      lower(concat_ws(' ', external_id, name, comment, cast(labels as varchar))),
      $5
    ) > 0
  )
order by external_id
limit cast($3 as bigint);
