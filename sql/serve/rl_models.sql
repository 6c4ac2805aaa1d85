-- RL models of a site, newest first.
--
-- Parameters
--   $1 site_id text
-- Columns
--   id                   int64
--   model_name           text
--   algorithm_type       text
--   version              text
--   is_active            bool
--   training_date        timestamp
--   performance_metrics  text       JSON
--   model_path           text
--   created_at           timestamp
--   created_by           int64
select
  id,
  model_name,
  algorithm_type,
  version,
  is_active,
  training_date,
  cast(performance_metrics as text) as performance_metrics,
  model_path,
  created_at,
  created_by
from rl_model_metadata
where site_id = $1
order by created_at desc, id desc
limit 10000;
