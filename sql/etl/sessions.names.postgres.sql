-- Client session ids of live sessions that were begun lately.
--
-- Parameters
--   $1 session_key  int64   the oldest
-- Columns
--   session_key  int64
--   site_id      text
--   session_id   text
select
  session_key,
  site_id,
  session_id
from user_sessions
where session_key >= $1::bigint
  and stream = 0
  and not starts_with(session_id, '~')
order by session_key;
