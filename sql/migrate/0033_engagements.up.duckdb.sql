-- What platforms count as engagements (docs/campaigns.md); null where they told none.
-- DuckDB: a column that is added cannot be checked; src/campaign/tables.cpp checks it.

alter table campaign_stats_daily add column engagements bigint;
