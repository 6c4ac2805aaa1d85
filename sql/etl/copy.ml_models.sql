-- Every row of ml_models, which people edit and no replay can make.
--
-- Columns
--   id
--   name
--   version
--   model_type
--   algorithm
--   hyperparameters
--   training_data_period
--   metrics
--   artifact_path
--   artifact_size_bytes
--   status
--   is_active
--   trained_at
--   deployed_at
--   created_at
--   website_id
--   artifact_sha256
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
from ml_models;
