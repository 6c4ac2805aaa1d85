-- Makes the partitions of the months to come, where months are partitions (and no extension's).
--
-- Parameters
--   $1 first  date
--   $2 last   date
-- Columns
--   made  int64
select
  case when exists (
    select from pg_partitioned_table
    where partrelid = 'user_product_interactions'::regclass
  ) then cast(make_interaction_partitions($1, $2) as bigint) else 0 end as made;
