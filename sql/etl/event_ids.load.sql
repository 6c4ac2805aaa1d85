-- Event ids that are still remembered.
--
-- Parameters
--   $1 position  int64   of the oldest run
-- Columns
--   id        int64
--   site_id   text
--   event_id  uuid
select
  id,
  site_id,
  event_id
from events_log
where id >= $1::bigint
  and client_event_id
order by id;
