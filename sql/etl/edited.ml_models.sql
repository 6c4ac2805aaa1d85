-- All rows of ml_models, which people edit: a replay carries them over.
--
-- Columns
--   id                    uuid
--   name                  text
--   version               text
--   model_type            text
--   algorithm             text
--   hyperparameters       json
--   training_data_period  json
--   metrics               json
--   artifact_path         text
--   artifact_size_bytes   int64
--   status                text
--   is_active             bool
--   trained_at            timestamp
--   deployed_at           timestamp
--   created_at            timestamp
--   website_id            uuid
--   artifact_sha256       text
select
  id,
  name,
  version,
  model_type,
  algorithm,
  hyperparameters,
  training_data_period,
  metrics,
  artifact_path,
  artifact_size_bytes,
  status,
  is_active,
  trained_at,
  deployed_at,
  created_at,
  website_id,
  artifact_sha256
from ml_models
order by id;
