-- Notes that a model is being trained.
--
-- Parameters
--   $1 website_id  uuid
--   $2 strategy    text
--   $3 version     text        until the model has its own
--   $4 algorithm   text
--   $5 trained_at  timestamp
insert into ml_models (
  id, website_id, name, version, model_type, algorithm, status, is_active, trained_at, created_at
)
values (
  gen_random_uuid(), $1, $2, $3, $2, $4, 'training', false, $5, $5
);
