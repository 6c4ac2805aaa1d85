-- Writes down which extension this database is made for.
--
-- Parameters
--   $1 extension  text
insert into extension_choice (extension, version)
select
  extname,
  extversion
from pg_extension
where extname = $1;
