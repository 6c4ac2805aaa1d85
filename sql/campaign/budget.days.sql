-- What each campaign of an account spent and brought, by platform and day.
--
-- Parameters
--   $1 user_id  int64
--   $2 since    date
--   $3 until    date     last day
-- Columns
--   campaign_id  uuid
--   name         text
--   platform     text     of the day, else of the campaign; may be empty
--   currency     text     of the campaign; may be empty
--   day          date
--   spend        double
--   conversions  double
--   revenue      double
select
  campaigns.id as campaign_id,
  campaigns.name,
  coalesce(nullif(stats.platform, ''), cast(campaigns.platform as varchar), '') as platform,
  coalesce(campaigns.currency, '') as currency,
  stats.day,
  cast(sum(stats.spend) as double precision) as spend,
  cast(sum(stats.conversions) as double precision) as conversions,
  cast(sum(stats.revenue) as double precision) as revenue
from campaign_stats_daily as stats
inner join campaigns
  on campaigns.user_id = stats.user_id
  and campaigns.id = stats.campaign_id
where stats.user_id = $1
  and stats.day >= $2
  and stats.day <= $3
group by
  campaigns.id,
  campaigns.name,
  coalesce(nullif(stats.platform, ''), cast(campaigns.platform as varchar), ''),
  coalesce(campaigns.currency, ''),
  stats.day
order by
  campaigns.name,
  platform,
  stats.day
limit 200000;
