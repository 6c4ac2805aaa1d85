-- How many edges of each type a site has.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   edge_type  text
--   edges      int64
select
  edge_type,
  count(*) as edges
from graph_edges
where site_id = $1
group by edge_type
order by edge_type;
