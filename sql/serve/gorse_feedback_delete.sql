-- Deletes the feedback of a user, of an item, or of both.
--
-- Parameters
--   $1 site_id  text
--   $2 user_id  text   null: of every user
--   $3 item_id  text   null: of every item
--   $4 type     text   null: of every type
delete from gorse_feedback
where site_id = $1
  and (cast($2 as varchar) is not null or cast($3 as varchar) is not null)
  and (cast($2 as varchar) is null or user_id = $2)
  and (cast($3 as varchar) is null or item_id = $3)
  and (cast($4 as varchar) is null or feedback_type = $4);
