-- Deletes a placement.
--
-- Parameters
--   $1 site_id text
--   $2 name    text
delete from placement
where site_id = $1
  and name = $2;
