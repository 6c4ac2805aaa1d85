-- The row of content_templates that has these values, which no two may have.
--
-- Parameters
--   $1 user_id int64
--   $2 name    text
--   $3 version int64
-- Columns
--   id
select id
from content_templates
where user_id = $1
  and name = $2
  and version = $3
order by id
limit 1;
