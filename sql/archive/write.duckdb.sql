-- Writes the interactions of the database that files are made in, person by person.
--
-- Parameters
--   $1 file  text   whole path
copy (
  select *
  from user_product_interactions
  order by
    user_id,
    timestamp,
    id
) to $1 (format parquet, compression zstd);
