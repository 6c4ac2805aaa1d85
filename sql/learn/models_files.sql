-- Where the artefacts of a site's models are.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   artifact_path text
select artifact_path
from ml_models
where website_id = $1
  and artifact_path is not null
order by artifact_path;
