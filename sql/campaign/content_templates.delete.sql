-- Deletes one row of content_templates, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
delete from content_templates
where user_id = $1
  and id = $2;
