-- Puts one model of a site into service.
--
-- Parameters
--   $1 website_id   uuid
--   $2 strategy     text
--   $3 version      text
--   $4 deployed_at  timestamp
update ml_models
set
  status = 'production',
  is_active = true,
  deployed_at = $4
where website_id = $1
  and name = $2
  and version = $3;
