-- Every row of campaign_personalization_settings, which people edit and no replay can make.
--
-- Columns
--   id
--   user_id
--   campaign_id
--   personalization_level
--   auto_optimization_enabled
--   dynamic_content_enabled
--   adaptive_bidding_enabled
--   audience_settings
--   demographic_weights
--   behavioral_triggers
--   rotation_strategy
--   content_templates
--   dynamic_elements
--   budget_allocation_strategy
--   bid_adjustments
--   performance_targets
--   learning_priority
--   optimization_frequency
--   performance_thresholds
--   ab_testing_enabled
--   predictive_scaling_enabled
--   real_time_optimization_enabled
--   created_at
--   updated_at
select
  id,
  user_id,
  campaign_id,
  personalization_level,
  auto_optimization_enabled,
  dynamic_content_enabled,
  adaptive_bidding_enabled,
  audience_settings,
  demographic_weights,
  behavioral_triggers,
  rotation_strategy,
  content_templates,
  dynamic_elements,
  budget_allocation_strategy,
  bid_adjustments,
  performance_targets,
  learning_priority,
  optimization_frequency,
  performance_thresholds,
  ab_testing_enabled,
  predictive_scaling_enabled,
  real_time_optimization_enabled,
  created_at,
  updated_at
from campaign_personalization_settings;
