-- Sessions that are not over.
--
-- Columns
--   sessions  int64
select count(*) as sessions
from user_sessions
where session_end is null;
