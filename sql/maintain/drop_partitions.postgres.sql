-- Drops partitions that are empty.
--
-- Parameters
--   $1 before  date   of months before this one's
-- Columns
--   dropped  int64
select cast(drop_empty_interaction_partitions($1) as bigint) as dropped;
