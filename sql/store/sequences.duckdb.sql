-- Sequences that were used, and the last number they gave.
--
-- Columns
--   name  text
--   last  int64
select
  sequence_name as name,
  cast(last_value as bigint) as last
from duckdb_sequences()
where database_name = current_database()
  and not temporary
  and last_value is not null
order by sequence_name;
