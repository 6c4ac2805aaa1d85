-- Takes the production model of a strategy out of service.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
update ml_models
set
  status = 'archived',
  is_active = false
where website_id = $1
  and name = $2
  and status = 'production';
