-- One model of a site.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 version     text
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
  and name = $2
  and version = $3;
