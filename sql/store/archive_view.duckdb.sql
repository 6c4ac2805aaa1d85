-- For the connection's own use: archived rows with the others, under the table's name.
create temp view user_product_interactions as
select *
from attune.user_product_interactions
union all by name
select *
from read_parquet(getvariable('archive_files'), hive_partitioning = false, union_by_name = true);
