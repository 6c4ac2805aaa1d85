-- The row of personalized_content that has these values, which no two may have.
--
-- Parameters
--   $1 user_id      int64
--   $2 template_id  uuid
--   $3 campaign_id  uuid
--   $4 context_hash text
-- Columns
--   id
select id
from personalized_content
where user_id = $1
  and template_id = $2
  and campaign_id = $3
  and context_hash = $4
order by id
limit 1;
