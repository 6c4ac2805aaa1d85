-- The newest row of the audit log.
--
-- Columns
--   id    int64
--   hash  text
select
  id,
  hash
from audit_log
order by id desc
limit 1;
