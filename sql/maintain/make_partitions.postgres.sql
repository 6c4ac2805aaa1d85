-- Makes the partitions of the months to come.
--
-- Parameters
--   $1 first  date
--   $2 last   date
-- Columns
--   made  int64
select cast(make_interaction_partitions($1, $2) as bigint) as made;
