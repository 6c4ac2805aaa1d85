-- What PostgreSQL does by itself when a row of campaigns goes:
-- its personalized_content stay, without it.
--
-- Parameters
--   $1 user_id     int64
--   $2 campaign_id uuid
update personalized_content
set campaign_id = null
where user_id = $1
  and campaign_id = $2;
