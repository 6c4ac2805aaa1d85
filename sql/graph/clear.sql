-- Removes a site's edges, before its refresh writes them again in the same transaction.
--
-- Parameters
--   $1 site_id  text
delete from graph_edges
where site_id = $1;
