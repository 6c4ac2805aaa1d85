-- Keeps a model that does not go into service.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 version     text
update ml_models
set
  status = 'archived',
  is_active = false
where website_id = $1
  and name = $2
  and version = $3;
