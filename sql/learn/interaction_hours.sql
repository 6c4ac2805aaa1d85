-- How many interactions a site has in each UTC hour that has one, the newest hour first.
--
-- Parameters
--   $1 site_id  text
--   $2 since    timestamp
--   $3 until    timestamp   first instant not counted
-- Columns
--   hour   int64   since 1970-01-01
--   count  int64
select
  cast(floor(extract(epoch from timestamp) / 3600) as bigint) as hour,
  count(*) as count
from user_product_interactions
where site_id = $1
  and timestamp >= $2
  and timestamp < $3
group by cast(floor(extract(epoch from timestamp) / 3600) as bigint)
order by hour desc;
