-- Runs of remembered event ids.
--
-- Columns
--   first_position  int64
--   hour            int64
select
  first_position,
  hour
from etl_event_id_buckets
order by first_position;
