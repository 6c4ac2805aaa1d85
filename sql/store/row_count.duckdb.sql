-- Rows of a table.
--
-- Parameters
--   $1 table text
-- Columns
--   rows  int64
select count(*) as rows
from query_table($1);
