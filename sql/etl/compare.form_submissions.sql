-- Rows of form_submissions in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   session_id
--   visitor_id
--   site_id
--   form_id
--   form_action
--   form_method
--   page_url
--   page_path
--   submit_timestamp
--   field_count
--   form_data
select
  id,
  session_id,
  visitor_id,
  site_id,
  form_id,
  form_action,
  form_method,
  page_url,
  page_path,
  submit_timestamp,
  field_count,
  form_data
from form_submissions
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
