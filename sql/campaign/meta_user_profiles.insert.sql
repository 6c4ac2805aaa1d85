-- Adds a row to meta_user_profiles.
--
-- Parameters
--   $1  id                   uuid
--   $2  user_id              int64
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
--   $24 created_at           timestamp
--   $25 updated_at           timestamp
insert into meta_user_profiles (
  id,
  user_id,
  business_size,
  industry,
  website,
  years_in_business,
  monthly_budget,
  budget_range,
  primary_objective,
  secondary_objectives,
  primary_age_group,
  target_age_groups,
  target_locations,
  target_interests,
  target_behaviors,
  brand_voice,
  content_preference,
  primary_platform,
  platform_priorities,
  brand_colors,
  roi_focus,
  risk_tolerance,
  automation_level,
  created_at,
  updated_at
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24, $25
);
