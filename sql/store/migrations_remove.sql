-- Forgets a migration that was taken back.
--
-- Parameters
--   $1 number int64
delete from schema_migrations
where number = $1;
