-- The extensions Attune can be told to use: the one this database was made for, those it has, and
-- those its server could give it.
--
-- Columns
--   name               text
--   chosen_version     text  its version when it was chosen; null: not chosen
--   version            text  in this database; null: not there
--   available_version  text  of the server's files; null: not installed
select
  known.name,
  extension_choice.version as chosen_version,
  pg_extension.extversion as version,
  available.default_version as available_version
from (values ('timescaledb'), ('citus'), ('age')) as known (name)
left join extension_choice on extension_choice.extension = known.name
left join pg_extension on pg_extension.extname = known.name
left join pg_available_extensions as available on available.name = known.name
order by known.name;
