-- What PostgreSQL does by itself when a row of campaigns goes:
-- its campaign_personalization_settings go too.
--
-- Parameters
--   $1 user_id     int64
--   $2 campaign_id uuid
delete from campaign_personalization_settings
where user_id = $1
  and campaign_id = $2;
