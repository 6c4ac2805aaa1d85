-- Rows of campaign_stats_daily of an account, newest first.
--
-- Parameters
--   $1 user_id     int64    the account
--   $2 limit       int64
--   $3 offset      int64
--   $4 campaign_id uuid     only of this one; null: all
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
  and (cast($4 as uuid) is null or campaign_id = cast($4 as uuid))
order by created_at desc, id
limit $2 offset $3;
