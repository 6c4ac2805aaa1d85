-- How people of a site came, as numbers of days from the first visit of each: the n-th day is the n-th
-- 24 hours since then. A sample by hash where there are many.
--
-- Parameters
--   $1 website_id uuid
--   $2 now        timestamp
--   $3 people_max int64
-- Columns
--   repeats  int64    days with a visit after the first
--   recency  double   the last of them
--   age      double   today
--   people   int64    that came just so
with
visits as (
  select
    coalesce(user_id, visitor_id) as person,
    session_start,
    min(session_start) over (partition by coalesce(user_id, visitor_id)) as first_visit
  from user_sessions
  where site_id = cast(cast($1 as uuid) as varchar)
    and session_start <= cast($2 as timestamptz)
),
rhythms as (
  select
    person,
    count(distinct floor(extract(epoch from (session_start - first_visit)) / 86400)) - 1 as repeats,
    max(floor(extract(epoch from (session_start - first_visit)) / 86400)) as recency,
    floor(extract(epoch from (cast($2 as timestamptz) - min(session_start))) / 86400) as age
  from visits
  group by person
),
sample as (
  select
    repeats,
    recency,
    age
  from rhythms
  order by md5(person)
  limit cast($3 as bigint)
)
select
  repeats,
  cast(recency as double precision) as recency,
  cast(age as double precision) as age,
  count(*) as people
from sample
group by repeats, recency, age
order by repeats, recency, age;
