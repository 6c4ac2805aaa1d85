-- What tells the account's rows of campaign_stats_daily apart that have no template, over some days.
--
-- Parameters
--   $1 user_id int64
--   $2 first   date
--   $3 last    date
-- Columns
--   id
--   campaign_id
--   day
--   platform
--   audience
select
  id,
  campaign_id,
  day,
  platform,
  audience
from campaign_stats_daily
where user_id = $1
  and day between $2 and $3
  and template_id is null
order by id;
