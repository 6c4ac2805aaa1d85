-- People of a site by their profiles, the latest visitor first.
--
-- Parameters
--   $1 website_id  uuid
--   $2 begins      text   of the person's id; empty: everybody
--   $3 count       int64  at most
-- Columns
--   person           text
--   lifecycle_stage  text
--   funnel_position  text
--   sessions         int64
--   pageviews        int64
--   purchases        int64
--   revenue          decimal
--   first_visit      timestamp
--   last_visit       timestamp
select
  user_id as person,
  lifecycle_stage,
  funnel_position,
  cast(session_count as bigint) as sessions,
  cast(total_pageviews as bigint) as pageviews,
  cast(total_purchases as bigint) as purchases,
  total_revenue as revenue,
  first_visit,
  last_visit
from user_profiles
where website_id = $1
  and starts_with(user_id, $2::text)
order by
  case when last_visit is null then 1 else 0 end,
  last_visit desc,
  user_id
limit $3::bigint;
