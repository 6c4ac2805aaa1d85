-- What became of recommended items, by strategy, for decisions made in a range.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp   first instant of the range
--   $3 end        timestamp   first instant after it
-- Columns
--   strategy   text
--   shown      int64
--   clicked    int64
--   converted  int64
--   revenue    double
select
  coalesce(strategy, '') as strategy,
  count(case when shown then 1 end) as shown,
  count(case when shown and clicked then 1 end) as clicked,
  count(case when converted then 1 end) as converted,
  cast(coalesce(sum(revenue), 0) as double precision) as revenue
from recommendations
where website_id = $1
  and decided_at >= $2
  and decided_at < $3
group by 1
order by shown desc, strategy;
