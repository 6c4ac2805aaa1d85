-- Adds rows without a template to campaign_stats_daily, in one statement.
--
-- Parameters
--   $1 user_id  int64
--   $2 now      timestamp
--   $3 rows     json       objects
insert into campaign_stats_daily (
  id,
  user_id,
  campaign_id,
  day,
  platform,
  audience,
  impressions,
  clicks,
  conversions,
  revenue,
  spend,
  engagements,
  created_at,
  updated_at
)
select
  given.id,
  $1,
  given.campaign_id,
  given.day,
  given.platform,
  given.audience,
  given.impressions,
  given.clicks,
  given.conversions,
  given.revenue,
  given.spend,
  given.engagements,
  $2,
  $2
from jsonb_to_recordset(cast($3 as jsonb)) as given (
  id uuid,
  campaign_id uuid,
  day date,
  platform text,
  audience text,
  impressions bigint,
  clicks bigint,
  conversions bigint,
  revenue numeric,
  spend numeric,
  engagements bigint
);
