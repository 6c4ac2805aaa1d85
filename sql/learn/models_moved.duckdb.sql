-- Artefacts lie in another data folder now.
--
-- Parameters
--   $1 folder text   of the data
update ml_models
set
  artifact_path = $1 || regexp_extract(artifact_path, '/models/[0-9a-f-]{36}/[^/]+$')
where regexp_matches(artifact_path, '/models/[0-9a-f-]{36}/[^/]+$');
