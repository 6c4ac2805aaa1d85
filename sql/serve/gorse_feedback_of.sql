-- Feedback of a user, of an item, or of both, newest first.
--
-- Parameters
--   $1 site_id  text
--   $2 user_id  text       null: of every user
--   $3 item_id  text       null: of every item
--   $4 type     text       null: of every type
--   $5 now      timestamp  later feedback is not there yet
--   $6 most     int64
-- Columns
--   feedback_type  text
--   user_id        text
--   item_id        text
--   value          double
--   given_at       timestamp
--   labels         json
--   comment        text
--   updated_at     timestamp
select
  feedback_type,
  user_id,
  item_id,
  value,
  given_at,
  labels,
  comment,
  updated_at
from gorse_feedback
where site_id = $1
  and (cast($2 as varchar) is null or user_id = $2)
  and (cast($3 as varchar) is null or item_id = $3)
  and (cast($4 as varchar) is null or feedback_type = $4)
  and given_at <= $5
order by given_at desc, user_id, item_id, feedback_type
limit cast($6 as bigint);
