-- Records that a migration without a transaction is finished.
--
-- Parameters
--   $1 number int64
--   $2 hash   text   of its up file
update schema_migrations
set
  hash = $2,
  applied_at = now()
where number = $1;
