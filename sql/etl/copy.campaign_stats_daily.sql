-- Every row of campaign_stats_daily, which people edit and no replay can make.
--
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
from campaign_stats_daily;
