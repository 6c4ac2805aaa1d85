-- An import begins.
--
-- Parameters
--   $1 stream      int64
--   $2 website_id  uuid
--   $3 kind        text
--   $4 name        text
--   $5 created_at  timestamp
insert into import_stream (stream, website_id, kind, name, created_at)
values (cast($1 as integer), $2, $3, $4, $5);
