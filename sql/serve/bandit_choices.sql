-- Recommended items whose clicks have had their time, newest decisions first, without those that a
-- rule pinned and those that a control group did not see.
--
-- Parameters
--   $1 website_id uuid
--   $2 begin      timestamp
--   $3 end        timestamp   later decisions may still be clicked
--   $4 placement  text        null: all
--   $5 limit      int64
-- Columns
--   decision_id    uuid
--   rank           int64
--   propensity     double
--   clicked        bool
--   eligible_count int64
--   factors        text       of the first row of a decision; null: of the others, or none
select
  decision_id,
  cast(rank as bigint) as rank,
  propensity,
  coalesce(clicked, false) as clicked,
  cast(eligible_count as bigint) as eligible_count,
  case
    when row_number() over (partition by decision_id order by rank) = 1
      then cast(personalization_factors as text)
  end as factors
from recommendations
where website_id = $1
  and decided_at >= $2
  and decided_at < $3
  and (cast($4 as varchar) is null or placement = cast($4 as varchar))
  and coalesce(strategy, '') not in ('pinned', 'withheld')
order by decided_at desc, decision_id, rank
limit $5;
