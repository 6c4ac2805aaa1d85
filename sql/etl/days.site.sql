-- Days of a site that have numbers, for when its time zone has changed.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   first_at  timestamp
--   last_at   timestamp
select
  min(happened_at) as first_at,
  max(happened_at) as last_at
from (
  select view_timestamp as happened_at
  from pageviews
  where site_id = $1
  union all
  select event_timestamp as happened_at
  from user_events
  where site_id = $1
) as happened;
