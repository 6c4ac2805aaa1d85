-- Decisions made in a range; each stands for one answer to one visitor.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp   first instant of the range
--   $3 end        timestamp   first instant after it
-- Columns
--   decisions  int64
select
  count(distinct position) as decisions
from recommendations
where website_id = $1
  and decided_at >= $2
  and decided_at < $3;
