-- The models of a site, those in production first, then newest first.
--
-- Parameters
--   $1 website_id  uuid
-- Columns
--   strategy              text
--   version               text
--   algorithm             text
--   status                text
--   trained_at            timestamp
--   deployed_at           timestamp
--   hyperparameters       json
--   training_data_period  json
--   metrics               json
--   artefact_bytes        int64
--   has_artefact          boolean
select
  name as strategy,
  version,
  algorithm,
  status,
  trained_at,
  deployed_at,
  hyperparameters,
  training_data_period,
  metrics,
  artifact_size_bytes as artefact_bytes,
  artifact_path is not null as has_artefact
from ml_models
where website_id = $1
order by
  case when is_active then 0 else 1 end,
  name,
  trained_at desc,
  version desc
limit 500;
