-- SEARCHED_FOR: User -> Event, the event being named by the term that was searched, lower case;
-- weight the number of times, from the newest million searches of the window.
--
-- Parameters
--   $1 site_id     text
--   $2 begin       timestamp   first instant of the window
--   $3 end         timestamp   first instant after it
--   $4 neighbours  int64       most edges of one vertex, the strongest
--   $5 now         timestamp   of the refresh
insert into graph_edges
with recent as (
  select
    coalesce(user_id, visitor_id) as person,
    lower(trim(raw_event_data ->> 'query')) as term,
    timestamp
  from events_log
  where site_id = $1
    and timestamp >= $2
    and timestamp < $3
    and event_type = 'search'
    and not is_bot
    and not is_late
  order by timestamp desc, id desc
  limit 1000000
),
counted as (
  select
    person,
    term,
    count(*) as weight,
    min(timestamp) as first_at,
    max(timestamp) as last_at
  from recent
  where person is not null
    and term <> ''
    and length(term) <= 255
  group by person, term
),
ranked as (
  select
    counted.*,
    row_number() over (
      partition by person
      order by weight desc, last_at desc, term
    ) as place
  from counted
)
select
  cast($1 as varchar) as site_id,
  'SEARCHED_FOR' as edge_type,
  'User' as from_type,
  person as from_id,
  'Event' as to_type,
  term as to_id,
  weight,
  first_at,
  last_at,
  cast($5 as timestamptz) as updated_at
from ranked
where place <= $4;
