-- Records a migration as applied.
--
-- Parameters
--   $1 number int64
--   $2 name   text
--   $3 hash   text   of its up file
insert into schema_migrations (number, name, hash)
values ($1, $2, $3);
