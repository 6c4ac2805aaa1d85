-- One row of content_templates, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
-- Columns
--   id
--   user_id
--   name
--   version
--   description
--   template_type
--   category
--   base_prompt
--   personalization_variables
--   style_parameters
--   usage_count
--   performance_score
--   success_rate
--   target_industries
--   target_objectives
--   target_demographics
--   is_active
--   is_public
--   created_by
--   created_at
--   updated_at
select
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
from content_templates
where user_id = $1
  and id = $2;
