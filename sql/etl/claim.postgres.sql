-- Takes the tables for one ETL, as long as the connection lives. Its commits need not wait for the
-- server's disk: rows and position are in one transaction, and what a crash of the server takes back
-- is read from the journal again.
--
-- Columns
--   claimed  bool
select pg_try_advisory_lock(hashtextextended('attune etl', 0)) as claimed
where set_config('synchronous_commit', 'off', false) is not null;
