-- Models of a strategy that were in production and were trained before a given one, newest first: for
-- rolling back.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 before      timestamp
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
  and status = 'archived'
  and deployed_at is not null
  and artifact_path is not null
  and trained_at < $3
order by trained_at desc, version desc;
