-- Every site in service, by domain.
--
-- Columns
--   website_id       uuid
--   domain           text
--   name             text
--   timezone         text
--   currency         text
--   public_key       text       null in sites made by older versions
--   allowed_origins  json       array of text
--   store_ip         bool
--   created_at       timestamp
select
  website_id,
  domain,
  name,
  timezone,
  currency,
  public_key,
  allowed_origins,
  store_ip,
  created_at
from website
where deleted_at is null
order by domain, website_id;
