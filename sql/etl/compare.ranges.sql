-- How many rows each derived table has, and between which keys they lie. Without rows that people put
-- in themselves (numbers from 2^62 on), which no replay makes.
--
-- Columns
--   table_name  text
--   row_count   int64
--   first_key   int64
--   last_key    int64
select
  'events_log' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from events_log
where id < 4611686018427387904
union all
select
  'user_events' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from user_events
where id < 4611686018427387904
union all
select
  'form_submissions' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from form_submissions
where id < 4611686018427387904
union all
select
  'orders' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from orders
where id < 4611686018427387904
union all
select
  'user_product_interactions' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from user_product_interactions
where id < 4611686018427387904
union all
select
  'test_exposure' as table_name,
  count(*) as row_count,
  min(unit_id) as first_key,
  max(unit_id) as last_key
from test_exposure
union all
select
  'users' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from users
union all
select
  'product' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from product
where source = 'event'
union all
select
  'daily_site_metrics' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from daily_site_metrics
union all
select
  'recommendations' as table_name,
  count(*) as row_count,
  min(position) as first_key,
  max(position) as last_key
from recommendations
union all
select
  'user_sessions' as table_name,
  count(*) as row_count,
  min(session_key) as first_key,
  max(session_key) as last_key
from user_sessions
where session_key < 4611686018427387904
union all
select
  'pageviews' as table_name,
  count(*) as row_count,
  min(id) as first_key,
  max(id) as last_key
from pageviews
where id < 4611686018427387904
order by table_name;
