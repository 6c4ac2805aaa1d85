-- A new site.
--
-- Parameters
--   $1 website_id       uuid
--   $2 site_id          text       the same as text
--   $3 domain           text
--   $4 name             text
--   $5 timezone         text
--   $6 currency         text
--   $7 public_key       text
--   $8 allowed_origins  json
--   $9 store_ip         bool
--   $10 created_at      timestamp
insert into website (
  website_id, site_id, domain, name, timezone, currency, public_key, allowed_origins, store_ip,
  created_at, updated_at
)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10);
