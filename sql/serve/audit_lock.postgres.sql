-- One row of the audit log at a time: others wait until this transaction ends.
--
-- Columns
--   locked  bool
select true as locked
from pg_advisory_xact_lock(hashtextextended('attune audit log', 0));
