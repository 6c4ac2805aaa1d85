-- What an account's own numbers say of it.
--
-- Parameters
--   $1 user_id               int64
--   $2 campaign_history      json
--   $3 performance_patterns  json
--   $4 learned_preferences   json
--   $5 updated_at            timestamp
update meta_user_profiles
set
  campaign_history = $2,
  performance_patterns = $3,
  learned_preferences = $4,
  updated_at = $5
where user_id = $1;
