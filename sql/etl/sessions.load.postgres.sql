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
    cast(unnest(string_to_array($2, ',')) as integer) as stream,
    timestamptz 'epoch'
      + cast(unnest(string_to_array($3, ',')) as bigint) * interval '1 microsecond' as retained_from
)
select
  sessions.session_key,
  sessions.site_id,
  sessions.stream,
  sessions.session_id,
  sessions.visitor_id,
  sessions.session_start,
  sessions.last_event_at,
  sessions.session_end is null as is_open
from user_sessions as sessions
inner join worlds on worlds.site_id = sessions.site_id
  and worlds.stream = sessions.stream
where sessions.last_event_at >= worlds.retained_from
  and sessions.last_event_at >= $4
union all
select
  session_key,
  site_id,
  stream,
  session_id,
  visitor_id,
  session_start,
  last_event_at,
  true as is_open
from user_sessions
where session_end is null
  and stream >= 0
  and not exists (
    select
    from worlds
    where worlds.site_id = user_sessions.site_id
      and worlds.stream = user_sessions.stream
      and user_sessions.last_event_at >= worlds.retained_from
      and user_sessions.last_event_at >= $4
  )
order by session_key;
