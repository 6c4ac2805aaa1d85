-- What tells that saved groups of a site have changed: their number, and when the last change was.
--
-- Columns
--   site_id     text
--   groups      int64
--   versions    int64
--   updated_at  timestamp
select
  site_id,
  count(*) as groups,
  cast(sum(version) as bigint) as versions,
  max(updated_at) as updated_at
from saved_group
group by site_id
order by site_id;
