-- The statements that took longest in sum, of all programs that use this database: from the extension
-- pg_stat_statements, nothing without it.
--
-- Columns
--   query      text
--   calls      int64
--   total_ms   double
--   mean_ms    double
--   rows       int64
select
  found.query,
  found.calls,
  found.total_ms,
  found.mean_ms,
  found.rows
from (
  select case when to_regclass('pg_stat_statements') is not null then query_to_xml(
    'select left(regexp_replace(query, ''\s+'', '' '', ''g''), 200) as query, calls,
      total_exec_time as total_ms, mean_exec_time as mean_ms, rows
    from pg_stat_statements
    where dbid = (select oid from pg_database where datname = current_database())
    order by total_exec_time desc
    limit 10', true, false, '') end as document
) as asked,
xmltable('/table/row' passing asked.document columns
  query text,
  calls bigint,
  total_ms double precision,
  mean_ms double precision,
  rows bigint) as found;
