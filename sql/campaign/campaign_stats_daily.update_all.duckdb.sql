-- Writes the numbers of rows of campaign_stats_daily anew, in one statement, those that are the
-- account's. What tells rows apart stays.
--
-- Parameters
--   $1 user_id  int64
--   $2 now      timestamp
--   $3 rows     json       objects
update campaign_stats_daily
set
  impressions = given.impressions,
  clicks = given.clicks,
  conversions = given.conversions,
  revenue = given.revenue,
  spend = given.spend,
  engagements = given.engagements,
  updated_at = $2
from (
  select unnest(from_json(cast($3 as json), '[{
    "id": "VARCHAR", "impressions": "BIGINT", "clicks": "BIGINT", "conversions": "BIGINT",
    "revenue": "DOUBLE", "spend": "DOUBLE", "engagements": "BIGINT"
  }]'), recursive := true)
) as given
where campaign_stats_daily.user_id = $1
  and campaign_stats_daily.id = cast(given.id as uuid);
