-- One row of the audit log at a time: one server owns the folder, and it sees to that.
--
-- Columns
--   locked  bool
select true as locked;
