-- When a site was last visited or had an interaction: the graph's window counts back from there.
--
-- Parameters
--   $1 site_id  text
--   $2 until    timestamp   later ones are not looked at
-- Columns
--   newest  timestamp   null: the site has nothing
select
  max(newest) as newest
from (
  select max(timestamp) as newest
  from user_product_interactions
  where site_id = $1
    and timestamp < $2
  union all
  select max(view_timestamp) as newest
  from pageviews
  where site_id = $1
    and view_timestamp < $2
) as both_kinds;
