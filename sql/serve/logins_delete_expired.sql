-- Forgets logins that are over.
--
-- Parameters
--   $1 now  timestamp
delete from login
where expires_at <= $1;
