-- Puts days of every site on the list of those to count anew.
--
-- Parameters
--   $1 start  date
--   $2 end    date   the last day
insert into etl_dirty_days (
  site_id,
  metric_date
)
select
  website.site_id,
  cast(days.day as date)
from website
cross join generate_series(
  cast($1 as timestamp), cast($2 as timestamp), interval '1 day'
) as days (day);
