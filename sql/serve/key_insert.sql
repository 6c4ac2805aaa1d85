-- A new secret key; only its hash is kept.
--
-- Parameters
--   $1 id           int64      numbered by the server: a sequence would start again after a replay
--   $2 website_id   uuid       null: a key for the whole server
--   $3 name         text
--   $4 scope        text
--   $5 secret_hash  text
--   $6 hint         text
--   $7 created_at   timestamp
insert into api_key (id, website_id, name, scope, secret_hash, hint, created_at)
values ($1, $2, $3, $4, $5, $6, $7);
