-- Every object of the schema as a statement, in order of kind and name: what sql/schema.duckdb.sql holds.
--
-- Columns
--   kind       text   "table"
--   name       text
--   statement  text
with
tables as (
  select
    table_name,
    comment
  from duckdb_tables()
  where database_name = current_database()
    and schema_name = current_schema()
    and not temporary
),
columns as (
  select
    table_name,
    column_name,
    column_index,
    comment,
    '  ' || column_name || ' ' || lower(data_type)
      || coalesce(' default ' || column_default, '')
      || case when is_nullable then '' else ' not null' end as line
  from duckdb_columns()
  where database_name = current_database()
    and schema_name = current_schema()
    and not internal
),
constraints as (
  select
    table_name,
    '  ' || constraint_text as line
  from duckdb_constraints()
  where database_name = current_database()
    and schema_name = current_schema()
    and constraint_type <> 'NOT NULL'
),
lines as (
  select table_name, column_index as place, line from columns
  union all
  select table_name, 1000000 as place, line from constraints
),
objects as (
  select
    1 as rank,
    'type' as kind,
    type_name as name,
    'create type ' || type_name || ' as enum (''' || array_to_string(labels, ''', ''') || ''')'
      as statement
  from duckdb_types()
  where database_name = current_database()
    and schema_name = current_schema()
    and not internal
    and labels is not null
  union all
  -- Where a sequence starts is moved by the engine when its file is opened again.
  select
    2 as rank,
    'sequence' as kind,
    sequence_name as name,
    'create sequence ' || sequence_name as statement
  from duckdb_sequences()
  where database_name = current_database()
    and schema_name = current_schema()
  union all
  select
    3 as rank,
    'table' as kind,
    tables.table_name as name,
    'create table ' || tables.table_name || ' (' || chr(10)
      || string_agg(lines.line, ',' || chr(10) order by lines.place, lines.line)
      || chr(10) || ')' as statement
  from tables
  inner join lines on lines.table_name = tables.table_name
  group by tables.table_name
  union all
  select
    4 as rank,
    'index' as kind,
    index_name as name,
    rtrim(sql, ';') as statement
  from duckdb_indexes()
  where database_name = current_database()
    and schema_name = current_schema()
  union all
  -- A view by its columns: the engine words the rest otherwise when it was read from a file.
  select
    5 as rank,
    'view' as kind,
    views.view_name as name,
    'create view ' || views.view_name || ' (' || chr(10)
      || string_agg(columns.line, ',' || chr(10) order by columns.column_index)
      || chr(10) || ')' as statement
  from duckdb_views() as views
  inner join columns on columns.table_name = views.view_name
  where views.database_name = current_database()
    and views.schema_name = current_schema()
    and not views.internal
  group by views.view_name
  union all
  select
    6 as rank,
    'macro' as kind,
    function_name as name,
    'create macro ' || function_name || '(' || array_to_string(parameters, ', ') || ') as '
      || macro_definition as statement
  from duckdb_functions()
  where database_name = current_database()
    and schema_name = current_schema()
    and not internal
    and macro_definition is not null
  union all
  select
    7 as rank,
    'comment' as kind,
    table_name as name,
    'comment on table ' || table_name || ' is ''' || replace(comment, '''', '''''') || ''''
      as statement
  from tables
  where comment is not null
  union all
  select
    7 as rank,
    'comment' as kind,
    columns.table_name || '.' || columns.column_name as name,
    'comment on column ' || columns.table_name || '.' || columns.column_name || ' is '''
      || replace(columns.comment, '''', '''''') || '''' as statement
  from columns
  inner join tables on tables.table_name = columns.table_name
  where columns.comment is not null
)
select
  kind,
  name,
  statement
from objects
order by rank, name, statement;
