-- Forgets clicks and purchases that no late event can change the credit of any more.
--
-- Parameters
--   $1 before  timestamp
delete from recommendation_clicks
where clicked_at < $1;

delete from recommendation_purchases
where purchased_at < $1;
