-- Registers a trained model, whose artefact is complete.
--
-- Parameters
--   $1 website_id            uuid
--   $2 strategy              text
--   $3 version               text
--   $4 algorithm             text
--   $5 hyperparameters       json
--   $6 training_data_period  json
--   $7 metrics               json
--   $8 artifact_path         text
--   $9 artifact_size_bytes   int64
--   $10 artifact_sha256      text
--   $11 trained_at           timestamp
insert into ml_models (
  id, website_id, name, version, model_type, algorithm, hyperparameters, training_data_period, metrics,
  artifact_path, artifact_size_bytes, artifact_sha256, status, is_active, trained_at, created_at
)
values (
  gen_random_uuid(), $1, $2, $3, $2, $4, $5, $6, $7,
  $8, $9, $10, 'validating', false, $11, $11
);
