-- Keys of a site's saved groups, which conditions of its tests may name.
--
-- Parameters
--   $1 site_id    text
-- Columns
--   group_key     text
select
  group_key
from saved_group
where site_id = $1
order by group_key;
