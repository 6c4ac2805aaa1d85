-- Every row of content_slot, which no replay can make.
--
-- Columns
--   site_id
--   slot_key
--   user_id
--   templates
--   policy
--   floor_share
--   holdout_share
--   is_enabled
--   created_at
--   updated_at
select
  site_id,
  slot_key,
  user_id,
  templates,
  policy,
  floor_share,
  holdout_share,
  is_enabled,
  created_at,
  updated_at
from content_slot;
