-- Makes a table a hypertable of TimescaleDB, its rows included. The keys that are there serve.
--
-- Parameters
--   $1 name         text
--   $2 time_column  text
select create_hypertable(
  cast($1 as regclass),
  by_range(cast($2 as name), interval '7 days'),
  create_default_indexes => false,
  migrate_data => true
);
