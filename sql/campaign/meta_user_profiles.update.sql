-- Writes one row of meta_user_profiles anew, if it is the account's.
--
-- Parameters
--   $1  user_id              int64
--   $2  id                   uuid
--   $3  business_size        text
--   $4  industry             text
--   $5  website              text
--   $6  years_in_business    int64
--   $7  monthly_budget       double
--   $8  budget_range         text
--   $9  primary_objective    text
--   $10 secondary_objectives json
--   $11 primary_age_group    text
--   $12 target_age_groups    json
--   $13 target_locations     json
--   $14 target_interests     json
--   $15 target_behaviors     json
--   $16 brand_voice          text
--   $17 content_preference   text
--   $18 primary_platform     text
--   $19 platform_priorities  json
--   $20 brand_colors         json
--   $21 roi_focus            double
--   $22 risk_tolerance       double
--   $23 automation_level     double
--   $24 updated_at           timestamp
update meta_user_profiles
set
  business_size = $3,
  industry = $4,
  website = $5,
  years_in_business = $6,
  monthly_budget = $7,
  budget_range = $8,
  primary_objective = $9,
  secondary_objectives = $10,
  primary_age_group = $11,
  target_age_groups = $12,
  target_locations = $13,
  target_interests = $14,
  target_behaviors = $15,
  brand_voice = $16,
  content_preference = $17,
  primary_platform = $18,
  platform_priorities = $19,
  brand_colors = $20,
  roi_focus = $21,
  risk_tolerance = $22,
  automation_level = $23,
  updated_at = $24
where user_id = $1
  and id = $2;
