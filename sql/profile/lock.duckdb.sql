-- One refresh of profiles at a time: here two that meet are told apart by the engine, which refuses the
-- second.
--
-- Columns
--   locked  bool
select true as locked;
