-- Ends the shadow of a strategy's newer models: they do not go into service.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
update ml_models
set status = 'archived'
where website_id = $1
  and name = $2
  and status = 'validating'
  and (metrics ->> 'shadow') is not null;
