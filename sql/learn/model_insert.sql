-- Registers a trained model.
--
-- Parameters
--   $1 website_id            uuid
--   $2 version               text
--   $3 algorithm             text
--   $4 hyperparameters       json
--   $5 training_data_period  json
--   $6 metrics               json
--   $7 artifact_path         text
--   $8 artifact_size_bytes   int64
--   $9 artifact_sha256       text
--   $10 status               text
--   $11 is_active            bool
--   $12 trained_at           timestamp
--   $13 deployed_at          timestamp   null unless it goes into production
insert into ml_models (
  id, website_id, name, version, model_type, algorithm, hyperparameters, training_data_period, metrics,
  artifact_path, artifact_size_bytes, artifact_sha256, status, is_active, trained_at, deployed_at,
  created_at
)
values (
  gen_random_uuid(), $1, 'next-item', $2, 'sequential', $3, $4, $5, $6,
  $7, $8, $9, $10, $11, $12, $13,
  $12
);
