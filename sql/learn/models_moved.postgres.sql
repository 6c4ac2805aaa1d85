-- Artefacts lie in another data folder now.
--
-- Parameters
--   $1 folder text   of the data
update ml_models
set
  artifact_path = $1::text || substring(artifact_path from '/models/[0-9a-f-]{36}/[^/]+$')
where artifact_path ~ '/models/[0-9a-f-]{36}/[^/]+$';
