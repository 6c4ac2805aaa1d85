-- Notes that a model's artefact is no longer on disk.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 version     text
update ml_models
set artifact_path = null
where website_id = $1
  and name = $2
  and version = $3;
