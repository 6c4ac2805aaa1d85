-- The largest tables. Rows as the engine estimates them; bytes are asked of each table by itself.
--
-- Columns
--   name         text
--   rows         int64
--   bytes        int64   null here
--   index_bytes  int64   null here
select
  table_name as name,
  estimated_size as rows,
  cast(null as bigint) as bytes,
  cast(null as bigint) as index_bytes
from duckdb_tables()
where database_name = current_database()
  and not internal
  and not temporary
order by
  rows desc,
  name
limit 20;
