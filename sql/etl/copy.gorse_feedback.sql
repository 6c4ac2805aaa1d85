-- Every row of gorse_feedback, which no replay can make.
--
-- Columns
--   site_id
--   user_id
--   item_id
--   feedback_type
--   value
--   given_at
--   labels
--   comment
--   updated_at
select
  site_id,
  user_id,
  item_id,
  feedback_type,
  value,
  given_at,
  labels,
  comment,
  updated_at
from gorse_feedback;
