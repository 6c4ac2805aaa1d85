-- Every row of feature_flag, which no replay can make.
--
-- Columns
--   site_id
--   flag_key
--   description
--   value_type
--   default_value
--   rules
--   enabled
--   archived
--   version
--   created_at
--   updated_at
--   updated_by
select
  site_id,
  flag_key,
  description,
  value_type,
  default_value,
  rules,
  enabled,
  archived,
  version,
  created_at,
  updated_at,
  updated_by
from feature_flag;
