-- Puts one model of a site into service.
--
-- Parameters
--   $1 website_id   uuid
--   $2 version      text
--   $3 deployed_at  timestamp
update ml_models
set
  status = 'production',
  is_active = true,
  deployed_at = $3
where website_id = $1
  and name = 'next-item'
  and version = $2;
