-- What tells that client keys of a site have changed: their number, and when the last change was.
--
-- Columns
--   site_id      text
--   connections  int64
--   versions     int64
--   updated_at   timestamp
select
  site_id,
  count(*) as connections,
  cast(sum(version) as bigint) as versions,
  max(updated_at) as updated_at
from sdk_connection
group by site_id
order by site_id;
