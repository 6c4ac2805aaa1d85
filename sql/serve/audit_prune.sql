-- Takes out rows of the audit log that are too old, but for the newest, which the next one follows.
--
-- Parameters
--   $1 before  timestamp
delete from audit_log
where made_at < $1
  and id < (select max(newest.id) from audit_log as newest);
