-- Stores a placement whole.
--
-- Parameters
--   $1 site_id     text
--   $2 name        text
--   $3 definition  json
--   $4 updated_at  timestamp
insert into placement (site_id, name, definition, created_at, updated_at)
values ($1, $2, $3, $4, $4)
on conflict (site_id, name) do update set
  definition = excluded.definition,
  updated_at = excluded.updated_at;
