-- Every row of rl_model_metadata, which programs write and no replay can make.
--
-- Columns
--   id
--   model_name
--   algorithm_type
--   version
--   is_active
--   training_date
--   performance_metrics
--   model_path
--   created_at
--   created_by
--   site_id
select
  id,
  model_name,
  algorithm_type,
  version,
  is_active,
  training_date,
  performance_metrics,
  model_path,
  created_at,
  created_by,
  site_id
from rl_model_metadata;
