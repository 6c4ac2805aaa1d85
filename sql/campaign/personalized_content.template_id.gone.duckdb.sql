-- What PostgreSQL does by itself when a row of content_templates goes:
-- its personalized_content go too.
--
-- Parameters
--   $1 user_id     int64
--   $2 template_id uuid
delete from personalized_content
where user_id = $1
  and template_id = $2;
