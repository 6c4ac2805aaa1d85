-- How many rows of people a file of the archive holds.
--
-- Parameters
--   $1 file      text   whole path
--   $2 visitors  text   ids with the unit separator (chr 31) between
--   $3 users     text   numbers of theirs (users.id), likewise
-- Columns
--   row_count  int64
select count(*) as row_count
from read_parquet($1, hive_partitioning = false)
where visitor_id in (select unnest(string_to_array($2, chr(31))))
  or user_id in (select try_cast(unnest(string_to_array($3, chr(31))) as bigint));
