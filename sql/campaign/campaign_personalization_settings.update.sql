-- Writes one row of campaign_personalization_settings anew, if it is the account's.
--
-- Parameters
--   $1  user_id                        int64
--   $2  id                             uuid
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
--   $23 updated_at                     timestamp
update campaign_personalization_settings
set
  campaign_id = $3,
  personalization_level = $4,
  auto_optimization_enabled = $5,
  dynamic_content_enabled = $6,
  adaptive_bidding_enabled = $7,
  audience_settings = $8,
  demographic_weights = $9,
  behavioral_triggers = $10,
  rotation_strategy = $11,
  content_templates = $12,
  dynamic_elements = $13,
  budget_allocation_strategy = $14,
  bid_adjustments = $15,
  performance_targets = $16,
  learning_priority = $17,
  optimization_frequency = $18,
  performance_thresholds = $19,
  ab_testing_enabled = $20,
  predictive_scaling_enabled = $21,
  real_time_optimization_enabled = $22,
  updated_at = $23
where user_id = $1
  and id = $2;
