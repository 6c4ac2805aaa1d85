-- Takes away sessions' rows that are about to be written anew.
--
-- Parameters
--   $1 session_keys text   numbers, with commas between
delete from user_sessions
where session_key in (select cast(unnest(string_to_array($1, ',')) as bigint));
