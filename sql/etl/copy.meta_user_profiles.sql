-- Every row of meta_user_profiles, which people edit and no replay can make.
--
-- Columns
--   id
--   user_id
--   business_size
--   industry
--   website
--   years_in_business
--   monthly_budget
--   budget_range
--   primary_objective
--   secondary_objectives
--   primary_age_group
--   target_age_groups
--   target_locations
--   target_interests
--   target_behaviors
--   brand_voice
--   content_preference
--   primary_platform
--   platform_priorities
--   brand_colors
--   roi_focus
--   risk_tolerance
--   automation_level
--   campaign_history
--   performance_patterns
--   learned_preferences
--   created_at
--   updated_at
select
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
  campaign_history,
  performance_patterns,
  learned_preferences,
  created_at,
  updated_at
from meta_user_profiles;
