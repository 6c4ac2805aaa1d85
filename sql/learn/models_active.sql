-- The models of a site that are in production, one for each strategy.
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
select
  name as strategy,
  version,
  artifact_path,
  artifact_sha256,
  algorithm,
  trained_at,
  status
from ml_models
where website_id = $1
  and is_active
order by name, trained_at desc, version desc;
