-- How many rows a table has, and a number that depends on every value of every row but not on their
-- order. For comparing a table with its copy.
--
-- Parameters
--   $1 table text
-- Columns
--   rows  int64
--   hash  text   empty when there is no row
select
  count(*) as rows,
  coalesce(cast(sum(cast(md5_number_lower(cast(t as varchar)) as hugeint)) as varchar), '') as hash
from query_table($1) as t;
