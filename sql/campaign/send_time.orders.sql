-- Orders of a site by quarters of an hour.
--
-- Parameters
--   $1 site_id text
--   $2 begin   timestamp   where the first quarter begins
--   $3 end     timestamp   first instant after the last
--   $4 step_s  double      length of a bucket
-- Columns
--   bucket  int64    from 0; buckets without anything are left out
--   value   double   orders
select
  cast(
    floor(
      (extract(epoch from order_timestamp) - extract(epoch from cast($2 as timestamptz)))
      / cast($4 as double precision)
    ) as bigint
  ) as bucket,
  cast(count(*) as double precision) as value
from orders
where site_id = $1
  and order_timestamp >= $2
  and order_timestamp < $3
group by 1
order by 1;
