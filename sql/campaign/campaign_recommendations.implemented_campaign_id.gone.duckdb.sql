-- What PostgreSQL does by itself when a row of campaigns goes:
-- its campaign_recommendations stay, without it.
--
-- Parameters
--   $1 user_id                 int64
--   $2 implemented_campaign_id uuid
update campaign_recommendations
set implemented_campaign_id = null
where user_id = $1
  and implemented_campaign_id = $2;
