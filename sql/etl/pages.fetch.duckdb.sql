-- Where the final pages of some sessions lie.
--
-- Parameters
--   $1 session_keys text       numbers, with commas between
--   $2 view_min     timestamp  no page of them is earlier
--   $3 view_max     timestamp  or later
-- Columns
--   session_key     int64
--   id              int64
--   view_timestamp  timestamp
select
  session_key,
  id,
  view_timestamp
from pageviews_cold
where session_key in (select unnest(cast(string_to_array($1, ',') as bigint[])))
  and view_timestamp >= $2
  and view_timestamp <= $3;
