-- Tables and views there are, with their columns; also those that this role may not read.
--
-- Columns
--   name     text
--   is_table bool
--   columns  text   comma separated, in order
select
  relations.relname::text as name,
  relations.relkind in ('r', 'p') as is_table,
  string_agg(columns.attname::text, ',' order by columns.attnum) as columns
from pg_class as relations
inner join pg_attribute as columns
  on columns.attrelid = relations.oid
  and columns.attnum > 0
  and not columns.attisdropped
where relations.relnamespace = to_regnamespace(quote_ident(current_schema()))
  and relations.relkind in ('r', 'p', 'v', 'm', 'f')
  and not relations.relispartition
group by relations.relname, relations.relkind
order by name;
