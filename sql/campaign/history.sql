-- What each campaign of an account did, by platform, kind of content and audience.
--
-- Parameters
--   $1 user_id int64
-- Columns
--   campaign_id  text
--   objective    text
--   platform     text    of the row, else of the campaign
--   content      text    type of the row's template
--   audience     text
--   impressions  int64
--   clicks       int64
--   conversions  int64
--   revenue      double
--   spend        double
--   engagements  int64   null: none were told
select
  cast(campaigns.id as varchar) as campaign_id,
  coalesce(cast(campaigns.objective as varchar), '') as objective,
  coalesce(nullif(campaign_stats_daily.platform, ''), cast(campaigns.platform as varchar), '')
    as platform,
  coalesce(content_templates.template_type, '') as content,
  campaign_stats_daily.audience,
  cast(sum(campaign_stats_daily.impressions) as bigint) as impressions,
  cast(sum(campaign_stats_daily.clicks) as bigint) as clicks,
  cast(sum(campaign_stats_daily.conversions) as bigint) as conversions,
  cast(sum(campaign_stats_daily.revenue) as double precision) as revenue,
  cast(sum(campaign_stats_daily.spend) as double precision) as spend,
  cast(sum(campaign_stats_daily.engagements) as bigint) as engagements
from campaign_stats_daily
  inner join campaigns on campaigns.id = campaign_stats_daily.campaign_id
    and campaigns.user_id = campaign_stats_daily.user_id
  left join content_templates on content_templates.id = campaign_stats_daily.template_id
    and content_templates.user_id = campaign_stats_daily.user_id
where campaign_stats_daily.user_id = $1
group by
  campaigns.id,
  campaigns.objective,
  coalesce(nullif(campaign_stats_daily.platform, ''), cast(campaigns.platform as varchar), ''),
  content_templates.template_type,
  campaign_stats_daily.audience
order by
  campaign_id,
  platform,
  content,
  audience
limit 100000;
