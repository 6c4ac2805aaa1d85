-- Deletes a flag.
--
-- Parameters
--   $1 site_id  text
--   $2 flag_key text
delete from feature_flag
where site_id = $1
  and flag_key = $2;
