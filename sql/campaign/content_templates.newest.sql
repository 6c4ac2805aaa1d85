-- The highest version of a template of an account; 0 without one.
--
-- Parameters
--   $1 user_id int64
--   $2 name    text
-- Columns
--   version int64
select coalesce(max(version), 0) as version
from content_templates
where user_id = $1
  and name = $2;
