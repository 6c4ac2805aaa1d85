-- Items of the catalogue, newest first.
--
-- Parameters
--   $1 site_id     text
--   $2 categories  json       a list; an item is in all of them; null: any item
--   $3 user_id     text       without items of this user's feedback; null: all
--   $4 now         timestamp
--   $5 most        int64
--   $6 skip        int64
-- Columns
--   item_id  text
--   score    double  seconds since 1970
select
  product.external_id as item_id,
  cast(extract(epoch from coalesce(product.published_at, product.created_at)) as double precision)
    as score
from product
where product.site_id = $1
  and product.deleted_at is null
  and not product.hidden
  and (cast($2 as varchar) is null or json_contains(
    coalesce(product.categories, cast('[' || cast(to_json(product.category) as varchar) || ']' as json)),
    cast($2 as json)
  ))
  and (cast($3 as varchar) is null or product.external_id not in (
    select item_id
    from gorse_feedback
    where site_id = $1
      and user_id = $3
      and given_at <= $4
  ))
order by score desc, item_id
limit cast($5 as bigint)
offset cast($6 as bigint);
