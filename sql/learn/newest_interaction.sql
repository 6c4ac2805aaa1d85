-- When a site's newest interaction was, for counting visits from there backwards.
--
-- Parameters
--   $1 site_id  text
--   $2 until    timestamp   later ones are not looked at
-- Columns
--   newest  timestamp   null: the site has none
select
  max(timestamp) as newest
from user_product_interactions
where site_id = $1
  and timestamp < $2;
