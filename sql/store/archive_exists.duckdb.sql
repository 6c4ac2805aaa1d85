-- Whether the database has a catalogue of archived rows.
--
-- Columns
--   tables  int64
select count(*) as tables
from duckdb_tables()
where database_name = current_database()
  and table_name = 'archive_file';
