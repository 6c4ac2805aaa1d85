-- Rows of user_events in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   session_id
--   visitor_id
--   site_id
--   event_type
--   event_timestamp
--   page_url
--   page_path
--   event_data
--   element_tag
--   element_classes
--   element_id
--   scroll_percentage
--   form_id
select
  id,
  session_id,
  visitor_id,
  site_id,
  event_type,
  event_timestamp,
  page_url,
  page_path,
  event_data,
  element_tag,
  element_classes,
  element_id,
  scroll_percentage,
  form_id
from user_events
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
