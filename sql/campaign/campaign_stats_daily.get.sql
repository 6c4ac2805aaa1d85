-- One row of campaign_stats_daily, if it is the account's.
--
-- Parameters
--   $1 user_id int64
--   $2 id      uuid
-- Columns
--   id
--   user_id
--   campaign_id
--   day
--   platform
--   audience
--   template_id
--   impressions
--   clicks
--   conversions
--   revenue
--   spend
--   engagements
--   created_at
--   updated_at
select
  id,
  user_id,
  campaign_id,
  day,
  platform,
  audience,
  template_id,
  impressions,
  clicks,
  conversions,
  revenue,
  spend,
  engagements,
  created_at,
  updated_at
from campaign_stats_daily
where user_id = $1
  and id = $2;
