-- The oldest row of each hypertable; none of one without rows.
--
-- Columns
--   name    text
--   oldest  timestamp
select name, oldest
from (
  select 'events_log' as name, min("timestamp") as oldest from events_log
  union all
  select 'pageviews', min(view_timestamp) from pageviews
  union all
  select 'user_events', min(event_timestamp) from user_events
  union all
  select 'form_submissions', min(submit_timestamp) from form_submissions
  union all
  select 'orders', min(order_timestamp) from orders
  union all
  select 'recommendations', min(decided_at) from recommendations
) as tables
where oldest is not null;
