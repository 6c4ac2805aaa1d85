-- Rows of pageviews in a range of keys, to hold two databases against each other.
--
-- Parameters
--   $1 first  int64
--   $2 last   int64
-- Columns
--   id
--   session_id
--   visitor_id
--   site_id
--   url
--   path
--   title
--   query_params
--   hash_fragment
--   view_timestamp
--   time_on_page_seconds
--   referrer
--   internal_referrer
--   utm_source
--   utm_medium
--   utm_campaign
--   utm_content
--   utm_term
--   session_key
select
  id,
  session_id,
  visitor_id,
  site_id,
  url,
  path,
  title,
  query_params,
  hash_fragment,
  view_timestamp,
  time_on_page_seconds,
  referrer,
  internal_referrer,
  utm_source,
  utm_medium,
  utm_campaign,
  utm_content,
  utm_term,
  session_key
from pageviews
where id >= $1::bigint
  and id <= $2::bigint
order by
  id;
