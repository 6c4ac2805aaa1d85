-- Records that a migration without a transaction has begun: the empty hash says so until it is finished.
--
-- Parameters
--   $1 number int64
--   $2 name   text
insert into schema_migrations (number, name, hash)
values ($1, $2, '')
on conflict (number) do update
set hash = '';
