-- Tables and views there are, with their columns.
--
-- Columns
--   name     text
--   is_table bool
--   columns  text   comma separated, in order
select
  tables.table_name as name,
  tables.table_type = 'BASE TABLE' as is_table,
  string_agg(columns.column_name, ',' order by columns.ordinal_position) as columns
from information_schema.tables as tables
inner join information_schema.columns as columns
  on columns.table_catalog = tables.table_catalog
  and columns.table_schema = tables.table_schema
  and columns.table_name = tables.table_name
where tables.table_catalog = current_database()
  and tables.table_schema = current_schema()
group by tables.table_name, tables.table_type
order by name;
