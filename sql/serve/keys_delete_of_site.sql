-- All keys of a site stop working.
--
-- Parameters
--   $1 website_id  uuid
delete from api_key
where website_id = $1;
