-- Takes away closed sessions' rows that a late event corrects. Bounded, so that row groups are
-- skipped.
--
-- Parameters
--   $1 session_keys text       numbers, with commas between
--   $2 key_min      int64      least of them
--   $3 key_max      int64      greatest of them
--   $4 start_min    timestamp  least session_start of the old rows
--   $5 start_max    timestamp  greatest session_start of the old rows
delete from user_sessions_cold
where session_key in (select unnest(cast(string_to_array($1, ',') as bigint[])))
  and session_key >= $2::bigint
  and session_key <= $3::bigint
  and session_start >= $4
  and session_start <= $5;
