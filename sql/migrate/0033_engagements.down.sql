-- Takes back 0033_engagements.up.

alter table campaign_stats_daily drop column engagements;
