-- Adds a row to content_templates.
--
-- Parameters
--   $1  id                        uuid
--   $2  user_id                   int64
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
--   $20 created_at                timestamp
--   $21 updated_at                timestamp
insert into content_templates (
  id,
  user_id,
  name,
  version,
  description,
  template_type,
  category,
  base_prompt,
  personalization_variables,
  style_parameters,
  usage_count,
  performance_score,
  success_rate,
  target_industries,
  target_objectives,
  target_demographics,
  is_active,
  is_public,
  created_by,
  created_at,
  updated_at
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
  $20, $21
);
