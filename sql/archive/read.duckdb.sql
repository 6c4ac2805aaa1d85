-- Reads a file of the archive into the database that files are made in.
--
-- Parameters
--   $1 file  text   whole path
insert into user_product_interactions by name
select *
from read_parquet($1, hive_partitioning = false);
