-- Every row of website, which people edit and no replay can make.
--
-- Columns
--   website_id
--   site_id
--   domain
--   name
--   timezone
--   currency
--   public_key
--   allowed_origins
--   store_ip
--   rewards
--   account_id
--   created_at
--   updated_at
--   deleted_at
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
from website;
