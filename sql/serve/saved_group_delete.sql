-- Deletes a saved group.
--
-- Parameters
--   $1 site_id    text
--   $2 group_key  text
delete from saved_group
where site_id = $1
  and group_key = $2;
