-- A row of campaign_stats_daily that still needs a row of content_templates.
--
-- Parameters
--   $1 user_id     int64
--   $2 template_id uuid
-- Columns
--   id
select id
from campaign_stats_daily
where user_id = $1
  and template_id = $2
order by id
limit 1;
