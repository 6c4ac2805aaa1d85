-- How many tables a schema holds.
--
-- Parameters
--   $1 schema text
-- Columns
--   tables  int64
select count(*) as tables
from pg_tables
where schemaname = $1::text;
