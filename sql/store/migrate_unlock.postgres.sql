-- Ends what store/migrate_lock began.
--
-- Columns
--   unlocked  bool
select pg_advisory_unlock(hashtextextended('attune migrate', 0)) as unlocked;
