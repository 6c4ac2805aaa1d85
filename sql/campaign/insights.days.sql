-- What an account's campaigns did by day, and how each day was run: what patterns are looked for in.
--
-- Parameters
--   $1 user_id  int64
--   $2 since    date
--   $3 until    date     last day
--   $4 rows_max int64    the newest
-- Columns
--   campaign_id  uuid
--   day          date
--   weekday      int64   1 is Monday
--   platform     text    of the day, else of the campaign; may be empty
--   objective    text    may be empty
--   audience     text    may be empty
--   template     text    may be empty
--   impressions  int64
--   clicks       int64
--   conversions  int64
--   spend        double
select
  stats.campaign_id,
  stats.day,
  cast(extract(isodow from stats.day) as bigint) as weekday,
  coalesce(nullif(stats.platform, ''), cast(campaigns.platform as varchar), '') as platform,
  coalesce(cast(campaigns.objective as varchar), '') as objective,
  stats.audience,
  coalesce(content_templates.name, '') as template,
  stats.impressions,
  stats.clicks,
  stats.conversions,
  cast(stats.spend as double precision) as spend
from campaign_stats_daily as stats
inner join campaigns
  on campaigns.user_id = stats.user_id
  and campaigns.id = stats.campaign_id
left join content_templates
  on content_templates.user_id = stats.user_id
  and content_templates.id = stats.template_id
where stats.user_id = $1
  and stats.day >= $2
  and stats.day <= $3
order by
  stats.day desc,
  stats.campaign_id,
  stats.platform,
  stats.audience,
  stats.template_id
limit $4;
