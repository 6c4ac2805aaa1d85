-- Days that a site has numbers of, for when all of them have to be computed anew.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   day  int64   since 1970-01-01, UTC
select distinct
  cast(floor(extract(epoch from happened_at) / 86400) as bigint) as day
from (
  select view_timestamp as happened_at
  from pageviews
  where site_id = $1
  union all
  select event_timestamp as happened_at
  from user_events
  where site_id = $1
  union all
  select session_start as happened_at
  from user_sessions
  where site_id = $1
) as happened
order by day;
