-- IN_CATEGORY: Product -> Category, for each product that is not hidden and has a category.
--
-- Parameters
--   $1 site_id  text
--   $2 now      timestamp   of the refresh
insert into graph_edges
select
  cast($1 as varchar) as site_id,
  'IN_CATEGORY' as edge_type,
  'Product' as from_type,
  external_id as from_id,
  'Category' as to_type,
  category as to_id,
  1 as weight,
  min(created_at) as first_at,
  max(updated_at) as last_at,
  cast($2 as timestamptz) as updated_at
from product
where site_id = $1
  and not hidden
  and category <> ''
group by external_id, category;
