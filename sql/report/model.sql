-- The model that serves a site, the sequential one of several, else the one trained last.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   name        text
--   version     text
--   algorithm   text
--   status      text
--   trained_at  timestamp
--   metrics     json
select
  name,
  version,
  algorithm,
  status,
  trained_at,
  metrics
from ml_models
where website_id = $1
order by
  is_active desc,
  case when name = 'sequential' then 0 else 1 end,
  case when trained_at is null then 1 else 0 end,
  trained_at desc,
  version desc
limit 1;
