-- How many rows a table has, and a number that depends on every value of every row but not on their
-- order. For comparing a table with its copy.
--
-- Parameters
--   $1 table text
-- Columns
--   rows  int64
--   hash  text   empty when there is no row
select
  (xpath('/row/rows/text()', answer))[1]::text::bigint as rows,
  coalesce((xpath('/row/hash/text()', answer))[1]::text, '') as hash
from query_to_xml(
  format(
    'select count(*) as rows, sum(hashtextextended(t::text, 0)::numeric)::text as hash from %I as t',
    $1::text
  ),
  false, true, ''
) as answer;
