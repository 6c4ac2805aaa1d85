-- Pages looked at in the last minutes.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   first instant of the range
--   $3 end     timestamp   first instant after it
--   $4 limit   int64
-- Columns
--   path      text
--   visitors  int64
select
  path,
  count(distinct visitor_id) as visitors
from pageviews
where site_id = $1
  and view_timestamp >= $2
  and view_timestamp < $3
group by path
order by visitors desc, path
limit $4;
