-- Feedback of a site in the order of user, item and type.
--
-- Parameters
--   $1 site_id     text
--   $2 type        text       null: of every type
--   $3 after_user  text       up to this key it was given; three times empty: none
--   $4 after_item  text
--   $5 after_type  text
--   $6 now         timestamp  later feedback is not there yet
--   $7 most        int64
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
  and (cast($2 as varchar) is null or feedback_type = $2)
  and (user_id, item_id, feedback_type) > ($3, $4, $5)
  and given_at <= $6
order by user_id, item_id, feedback_type
limit cast($7 as bigint);
