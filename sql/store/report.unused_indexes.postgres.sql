-- The largest indexes that were never used since statistics are kept, but those that hold a key.
--
-- Columns
--   table_name  text
--   name        text
--   bytes       int64
select
  usage.relname::text as table_name,
  usage.indexrelname::text as name,
  pg_relation_size(usage.indexrelid) as bytes
from pg_stat_user_indexes as usage
inner join pg_index as kept on kept.indexrelid = usage.indexrelid
where usage.schemaname = current_schema()
  and usage.idx_scan = 0
  and not kept.indisunique
order by
  bytes desc,
  name
limit 10;
