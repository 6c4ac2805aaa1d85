-- Takes the tables for one ETL, as long as the connection lives.
--
-- Columns
--   claimed  bool
select pg_try_advisory_lock(hashtextextended('attune etl', 0)) as claimed;
