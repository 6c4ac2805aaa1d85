-- The models of a site that answer in the shadow of those in production, with what was counted.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   strategy         text
--   version          text
--   artifact_path    text
--   artifact_sha256  text
--   algorithm        text
--   trained_at       timestamp
--   status           text
--   metrics          json
select
  name as strategy,
  version,
  artifact_path,
  artifact_sha256,
  algorithm,
  trained_at,
  status,
  metrics
from ml_models
where website_id = $1
  and status = 'validating'
  and (metrics ->> 'shadow') is not null
order by name, trained_at desc, version desc;
