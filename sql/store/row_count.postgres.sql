-- Rows of a table.
--
-- Parameters
--   $1 table text
-- Columns
--   rows  int64
select
  (xpath(
    '/row/rows/text()',
    query_to_xml(format('select count(*) as rows from %I', $1::text), false, true, '')
  ))[1]::text::bigint as rows;
