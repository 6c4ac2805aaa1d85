-- Takes the production model of a site out of service.
--
-- Parameters
--   $1 website_id uuid
update ml_models
set
  status = 'archived',
  is_active = false
where website_id = $1
  and name = 'next-item'
  and status = 'production';
