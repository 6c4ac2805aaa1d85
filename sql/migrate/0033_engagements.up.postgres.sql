-- What platforms count as engagements (docs/campaigns.md); null where they told none.

alter table campaign_stats_daily
  add column engagements bigint,
  add constraint campaign_stats_daily_engagements_check check (engagements >= 0);
