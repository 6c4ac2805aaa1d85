-- Archived models of a strategy whose artefact is still on disk, but for the newest ones that are kept.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 kept        int64
-- Columns
--   version        text
--   artifact_path  text
select
  version,
  artifact_path
from ml_models
where website_id = $1
  and name = $2
  and status = 'archived'
  and artifact_path is not null
order by trained_at desc, version desc
offset $3;
