-- Indexes by how often they were used; of partitions their own.
--
-- Columns
--   table_name   text
--   name         text
--   scans        int64
--   rows_read    int64
--   rows_fetched int64
--   bytes        int64
select
  relname::text as table_name,
  indexrelname::text as name,
  idx_scan as scans,
  idx_tup_read as rows_read,
  idx_tup_fetch as rows_fetched,
  pg_relation_size(indexrelid) as bytes
from pg_stat_user_indexes
where schemaname = current_schema()
order by
  scans desc,
  name
limit 20;
