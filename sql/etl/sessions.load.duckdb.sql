-- Sessions that may still get events: all open ones, and the closed ones of each world that end
-- late enough.
--
-- Parameters
--   $1 site_ids       text       worlds whose closed sessions are wanted, with commas between
--   $2 streams        text       as many numbers
--   $3 retained_us    text       as many: least last event, microseconds since 1970
--   $4 retained_min   timestamp  the least of them
-- Columns
--   session_key    int64
--   site_id        text
--   stream         int64
--   session_id     text
--   visitor_id     text
--   session_start  timestamp
--   last_event_at  timestamp
--   is_open        bool
with worlds as (
  select
    unnest(string_to_array($1, ',')) as site_id,
    unnest(try_cast(string_to_array($2, ',') as integer[])) as stream,
    make_timestamptz(unnest(try_cast(string_to_array($3, ',') as bigint[]))) as retained_from
),
closed as (
  select
    cold.session_key,
    cold.site_id,
    cold.stream,
    cold.session_id,
    cold.visitor_id,
    cold.session_start,
    cold.last_event_at
  from user_sessions_cold as cold
  inner join worlds on worlds.site_id = cold.site_id
    and worlds.stream = cold.stream
  where cold.last_event_at >= worlds.retained_from
    and cold.last_event_at >= $4
)
select
  session_key,
  site_id,
  stream,
  session_id,
  visitor_id,
  session_start,
  last_event_at,
  false as is_open
from closed
union all
select
  sessions.session_key,
  leads.site_id,
  leads.stream,
  leads.session_id,
  leads.visitor_id,
  sessions.session_start,
  sessions.last_event_at,
  true as is_open
from hot_sessions as sessions
inner join hot_leads as leads on leads.session_key = sessions.session_key
order by session_key;
