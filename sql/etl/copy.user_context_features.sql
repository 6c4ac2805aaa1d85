-- Every row of user_context_features, which a refresh makes from tables that a replay makes equal.
--
-- Columns
--   id
--   user_id
--   feature_vector
--   last_updated
--   site_id
select
  id,
  user_id,
  feature_vector,
  last_updated,
  site_id
from user_context_features;
