-- Sites with people whose profiles are out of date.
--
-- Columns
--   site_id  text
select distinct site_id
from etl_dirty_people
order by site_id;
