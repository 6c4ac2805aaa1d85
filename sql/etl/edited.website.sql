-- All rows of website, which people edit: a replay carries them over.
--
-- Columns
--   website_id       uuid
--   site_id          text
--   domain           text
--   name             text
--   timezone         text
--   currency         text
--   public_key       text
--   allowed_origins  json
--   store_ip         bool
--   rewards          json
--   account_id       int64
--   created_at       timestamp
--   updated_at       timestamp
--   deleted_at       timestamp
select
  website_id,
  site_id,
  domain,
  name,
  timezone,
  currency,
  public_key,
  allowed_origins,
  store_ip,
  rewards,
  account_id,
  created_at,
  updated_at,
  deleted_at
from website
order by website_id;
