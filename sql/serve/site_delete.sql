-- Takes a site out of service. Its row stays, because its events do.
--
-- Parameters
--   $1 website_id  uuid
--   $2 deleted_at  timestamp
update website
set
  deleted_at = $2,
  updated_at = $2
where website_id = $1;
