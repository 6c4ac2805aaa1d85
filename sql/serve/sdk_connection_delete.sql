-- Deletes a client key of a site.
--
-- Parameters
--   $1 site_id     text
--   $2 client_key  text
delete from sdk_connection
where site_id = $1
  and client_key = $2;
