-- Takes away open sessions' leads that an earlier event has replaced, or that closed.
--
-- Parameters
--   $1 session_keys text    numbers, with commas between
--   $2 key_min      int64   least of them
--   $3 key_max      int64   greatest of them
delete from hot_leads
where session_key in (select unnest(cast(string_to_array($1, ',') as bigint[])))
  and session_key >= $2::bigint
  and session_key <= $3::bigint;
