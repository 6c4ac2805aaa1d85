-- What a table takes of the database file: its blocks, some of which it shares with others.
--
-- Parameters
--   $1 table  text
-- Columns
--   bytes  int64
select
  cast(
    count(distinct block_id) * (select block_size from pragma_database_size() limit 1) as bigint
  ) as bytes
from pragma_storage_info($1)
where persistent;
