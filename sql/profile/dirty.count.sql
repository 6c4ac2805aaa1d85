-- How many people of a site have profiles that are out of date.
--
-- Parameters
--   $1 website_id uuid
-- Columns
--   people  int64
select
  count(distinct person) as people
from etl_dirty_people
where site_id = cast(cast($1 as uuid) as varchar);
