-- Stores an RL model's metadata; the same name and version again replaces it.
--
-- Parameters
--   $1 site_id              text
--   $2 model_name           text
--   $3 algorithm_type       text
--   $4 version              text
--   $5 is_active            bool
--   $6 training_date        timestamp   null: not said
--   $7 performance_metrics  json        null: none
--   $8 model_path           text        null: none
--   $9 created_by           int64       null: a program
--   $10 created_at          timestamp
insert into rl_model_metadata (
  site_id, model_name, algorithm_type, version, is_active, training_date, performance_metrics, model_path,
  created_by, created_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (site_id, model_name, version) do update set
  algorithm_type = excluded.algorithm_type,
  is_active = excluded.is_active,
  training_date = excluded.training_date,
  performance_metrics = excluded.performance_metrics,
  model_path = excluded.model_path;
