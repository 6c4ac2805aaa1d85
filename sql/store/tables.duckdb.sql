-- Every table that holds rows of ours, but the record of migrations.
--
-- Columns
--   name  text
select table_name as name
from duckdb_tables()
where database_name = current_database()
  and not internal
  and not temporary
  and table_name <> 'schema_migrations'
order by table_name;
