-- Adds a row to campaign_personalization_settings.
--
-- Parameters
--   $1  id                             uuid
--   $2  user_id                        int64
--   $3  campaign_id                    uuid
--   $4  personalization_level          text
--   $5  auto_optimization_enabled      bool
--   $6  dynamic_content_enabled        bool
--   $7  adaptive_bidding_enabled       bool
--   $8  audience_settings              json
--   $9  demographic_weights            json
--   $10 behavioral_triggers            json
--   $11 rotation_strategy              text
--   $12 content_templates              json
--   $13 dynamic_elements               json
--   $14 budget_allocation_strategy     text
--   $15 bid_adjustments                json
--   $16 performance_targets            json
--   $17 learning_priority              text
--   $18 optimization_frequency         text
--   $19 performance_thresholds         json
--   $20 ab_testing_enabled             bool
--   $21 predictive_scaling_enabled     bool
--   $22 real_time_optimization_enabled bool
--   $23 created_at                     timestamp
--   $24 updated_at                     timestamp
insert into campaign_personalization_settings (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21, $22, $23, $24
);
