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
from jsonb_to_recordset(cast($3 as jsonb)) as given (
  id uuid,
  impressions bigint,
  clicks bigint,
  conversions bigint,
  revenue numeric,
  spend numeric,
  engagements bigint
)
where campaign_stats_daily.user_id = $1
  and campaign_stats_daily.id = given.id;
