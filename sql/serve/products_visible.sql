-- What a whole catalogue is going to take the place of.
--
-- Parameters
--   $1 site_id text
-- Columns
--   visible  int64      products that may be shown
--   newest   timestamp  the latest change of any; null: there is none
select
  count(*) filter (where not hidden and deleted_at is null) as visible,
  max(updated_at) as newest
from product
where site_id = $1;
