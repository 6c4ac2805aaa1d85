-- Tries to become the one who migrates this database, until the session ends or unlocks. Asked again and
-- again rather than waited for: a session that waits inside a statement would hold up `create index
-- concurrently`, which waits for the statements of all others.
--
-- Columns
--   locked  bool
select pg_try_advisory_lock(hashtextextended('attune migrate', 0)) as locked;
