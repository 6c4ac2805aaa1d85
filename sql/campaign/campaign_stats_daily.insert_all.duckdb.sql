-- Adds rows without a template to campaign_stats_daily: one statement for all, because an engine that
-- is made for sets takes about as long for one row as for thousands.
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
  cast(given.id as uuid),
  $1,
  cast(given.campaign_id as uuid),
  cast(given.day as date),
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
from (
  select unnest(from_json(cast($3 as json), '[{
    "id": "VARCHAR", "campaign_id": "VARCHAR", "day": "VARCHAR", "platform": "VARCHAR",
    "audience": "VARCHAR", "impressions": "BIGINT", "clicks": "BIGINT", "conversions": "BIGINT",
    "revenue": "DOUBLE", "spend": "DOUBLE", "engagements": "BIGINT"
  }]'), recursive := true)
) as given;
