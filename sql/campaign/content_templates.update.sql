-- Writes one row of content_templates anew, if it is the account's.
--
-- Parameters
--   $1  user_id                   int64
--   $2  id                        uuid
--   $3  name                      text
--   $4  version                   int64
--   $5  description               text
--   $6  template_type             text
--   $7  category                  text
--   $8  base_prompt               text
--   $9  personalization_variables json
--   $10 style_parameters          json
--   $11 usage_count               int64
--   $12 performance_score         double
--   $13 success_rate              double
--   $14 target_industries         json
--   $15 target_objectives         json
--   $16 target_demographics       json
--   $17 is_active                 bool
--   $18 is_public                 bool
--   $19 created_by                text
--   $20 updated_at                timestamp
update content_templates
set
  name = $3,
  version = $4,
  description = $5,
  template_type = $6,
  category = $7,
  base_prompt = $8,
  personalization_variables = $9,
  style_parameters = $10,
  usage_count = $11,
  performance_score = $12,
  success_rate = $13,
  target_industries = $14,
  target_objectives = $15,
  target_demographics = $16,
  is_active = $17,
  is_public = $18,
  created_by = $19,
  updated_at = $20
where user_id = $1
  and id = $2;
