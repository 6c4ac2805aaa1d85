-- Rows of campaign_personalization_settings of an account, newest first.
--
-- Parameters
--   $1 user_id     int64    the account
--   $2 limit       int64
--   $3 offset      int64
--   $4 campaign_id uuid     only of this one; null: all
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
from campaign_personalization_settings
where user_id = $1
  and (cast($4 as uuid) is null or campaign_id = cast($4 as uuid))
order by created_at desc, id
limit $2 offset $3;
