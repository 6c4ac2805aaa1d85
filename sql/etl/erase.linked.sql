-- Visitors that were seen with this user and with no other.
--
-- Parameters
--   $1 site_id  text
--   $2 user_id  text
-- Columns
--   visitor_id  text
select
  visitor_id
from (
  select
    visitor_id,
    user_id
  from events_log
  where site_id = $1
  union all
  select
    visitor_id,
    user_id
  from user_sessions
  where site_id = $1
) as seen
where visitor_id is not null
group by visitor_id
having coalesce(bool_or(user_id = $2), false)
  and not coalesce(bool_or(user_id <> $2), false)
order by visitor_id;
