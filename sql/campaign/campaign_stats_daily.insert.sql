-- Adds a row to campaign_stats_daily.
--
-- Parameters
--   $1  id          uuid
--   $2  user_id     int64
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
--   $14 created_at  timestamp
--   $15 updated_at  timestamp
insert into campaign_stats_daily (
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
) values (
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
);
