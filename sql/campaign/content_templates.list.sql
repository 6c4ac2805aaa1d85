-- Rows of content_templates of an account, newest first.
--
-- Parameters
--   $1 user_id int64    the account
--   $2 limit   int64
--   $3 offset  int64
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
order by created_at desc, id
limit $2 offset $3;
