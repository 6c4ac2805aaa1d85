-- What tells that flags of a site have changed: their number, and when the last change was.
--
-- Columns
--   site_id     text
--   flags       int64
--   versions    int64
--   updated_at  timestamp
select
  site_id,
  count(*) as flags,
  cast(sum(version) as bigint) as versions,
  max(updated_at) as updated_at
from feature_flag
group by site_id
order by site_id;
