-- Sets the time spent on final pages whose neighbour came late.
--
-- Parameters
--   $1 ids       text       of pageviews, with commas between
--   $2 seconds   text       as many numbers; -1 for null
--   $3 view_min  timestamp  none of them is earlier
--   $4 view_max  timestamp  or later
with times as (
  select
    unnest(cast(string_to_array($1, ',') as bigint[])) as id,
    unnest(cast(string_to_array($2, ',') as integer[])) as seconds
)
update pageviews_cold
set time_on_page_seconds = nullif(times.seconds, -1)
from times
where pageviews_cold.id = times.id
  and view_timestamp >= $3
  and view_timestamp <= $4;
