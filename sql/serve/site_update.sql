-- Changes what people can set of a site.
--
-- Parameters
--   $1 website_id       uuid
--   $2 domain           text
--   $3 name             text
--   $4 timezone         text
--   $5 currency         text
--   $6 allowed_origins  json
--   $7 store_ip         bool
--   $8 updated_at       timestamp
update website
set
  domain = $2,
  name = $3,
  timezone = $4,
  currency = $5,
  allowed_origins = $6,
  store_ip = $7,
  updated_at = $8
where website_id = $1;
