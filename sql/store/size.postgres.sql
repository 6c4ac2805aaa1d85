-- How much the database takes on disk.
--
-- Columns
--   bytes  int64
select pg_database_size(current_database()) as bytes;
