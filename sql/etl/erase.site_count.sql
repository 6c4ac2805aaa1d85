-- How many rows a site has.
--
-- Parameters
--   $1 site_id  text
-- Columns
--   table_name  text
--   total       int64
select
  'events_log' as table_name,
  count(*) as total
from events_log
where site_id = $1
union all
select
  'user_sessions' as table_name,
  count(*) as total
from user_sessions
where site_id = $1
union all
select
  'pageviews' as table_name,
  count(*) as total
from pageviews
where site_id = $1
union all
select
  'user_events' as table_name,
  count(*) as total
from user_events
where site_id = $1
union all
select
  'form_submissions' as table_name,
  count(*) as total
from form_submissions
where site_id = $1
union all
select
  'test_exposure' as table_name,
  count(*) as total
from test_exposure
where site_id = $1
union all
select
  'orders' as table_name,
  count(*) as total
from orders
where site_id = $1
union all
select
  'user_product_interactions' as table_name,
  count(*) as total
from user_product_interactions
where site_id = $1
union all
select
  'user_profiles' as table_name,
  count(*) as total
from user_profiles
where website_id = cast(cast($1 as varchar) as uuid)
union all
select
  'user_context_features' as table_name,
  count(*) as total
from user_context_features
where site_id = $1
union all
select
  'rl_model_metadata' as table_name,
  count(*) as total
from rl_model_metadata
where site_id = $1
union all
select
  'gorse_user' as table_name,
  count(*) as total
from gorse_user
where site_id = $1
union all
select
  'gorse_feedback' as table_name,
  count(*) as total
from gorse_feedback
where site_id = $1
union all
select
  'users' as table_name,
  count(*) as total
from users
where site_id = $1
union all
select
  'product' as table_name,
  count(*) as total
from product
where site_id = $1
union all
select
  'daily_site_metrics' as table_name,
  count(*) as total
from daily_site_metrics
where site_id = $1
union all
select
  'recommendations' as table_name,
  count(*) as total
from recommendations
where website_id = cast(cast($1 as varchar) as uuid)
union all
select
  'ml_models' as table_name,
  count(*) as total
from ml_models
where website_id = cast(cast($1 as varchar) as uuid)
union all
select
  'api_key' as table_name,
  count(*) as total
from api_key
where website_id = cast(cast($1 as varchar) as uuid)
union all
select
  'import_stream' as table_name,
  count(*) as total
from import_stream
where website_id = cast(cast($1 as varchar) as uuid)
order by table_name;
