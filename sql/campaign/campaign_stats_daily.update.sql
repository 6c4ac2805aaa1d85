-- Writes one row of campaign_stats_daily anew, if it is the account's.
--
-- Parameters
--   $1  user_id     int64
--   $2  id          uuid
--   $3  campaign_id uuid
--   $4  day         date
--   $5  platform    text
--   $6  audience    text
--   $7  template_id uuid
--   $8  impressions int64
--   $9  clicks      int64
--   $10 conversions int64
--   $11 revenue     double
--   $12 spend       double
--   $13 engagements int64
--   $14 updated_at  timestamp
update campaign_stats_daily
set
  campaign_id = $3,
  day = $4,
  platform = $5,
  audience = $6,
  template_id = $7,
  impressions = $8,
  clicks = $9,
  conversions = $10,
  revenue = $11,
  spend = $12,
  engagements = $13,
  updated_at = $14
where user_id = $1
  and id = $2;
