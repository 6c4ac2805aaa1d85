-- Brings the graph of Apache AGE in step with graph_edges, for one site.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   edges  int64
select attune_graph_refresh($1) as edges;
