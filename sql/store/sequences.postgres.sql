-- Sequences that were used, and the last number they gave.
--
-- Columns
--   name  text
--   last  int64
select
  sequencename::text as name,
  last_value as last
from pg_sequences
where schemaname = current_schema()
  and last_value is not null
order by sequencename;
