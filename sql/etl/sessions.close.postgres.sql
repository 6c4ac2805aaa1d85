-- Closes sessions that got no further event.
--
-- Parameters
--   $1 session_keys text    numbers, with commas between
--   $2 key_min      int64   least of them
--   $3 key_max      int64   greatest of them
update user_sessions
set session_end = last_event_at
where session_key in (select cast(unnest(string_to_array($1, ',')) as bigint))
  and session_key >= $2::bigint
  and session_key <= $3::bigint;
