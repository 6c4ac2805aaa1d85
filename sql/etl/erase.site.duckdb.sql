-- Takes away every row of a site, and the site.
--
-- Parameters
--   $1 site_id  text
delete from graph_edges
where site_id = $1;

delete from recommendation_clicks
where product_id in (
  select id
  from product
  where site_id = $1
);

delete from recommendation_purchases
where product_id in (
  select id
  from product
  where site_id = $1
);

delete from etl_worlds
where site_id = $1;

delete from hot_pages
where session_key in (
  select session_key
  from hot_leads
  where site_id = $1
);

delete from hot_sessions
where session_key in (
  select session_key
  from hot_leads
  where site_id = $1
);

delete from hot_leads
where site_id = $1;

delete from pageviews_cold
where site_id = $1;

delete from user_sessions_cold
where site_id = $1;

delete from events_log
where site_id = $1;

delete from user_events
where site_id = $1;

delete from form_submissions
where site_id = $1;

delete from orders
where site_id = $1;

delete from user_product_interactions
where site_id = $1;

delete from etl_dirty_people
where site_id = $1;

delete from profile_parameters
where site_id = $1;

delete from profile_prices
where site_id = $1;

delete from user_profiles
where website_id = cast(cast($1 as varchar) as uuid);

delete from user_context_features
where site_id = $1;

delete from rl_model_metadata
where site_id = $1;

delete from test_exposure
where site_id = $1;

delete from test_unit
where site_id = $1;

delete from test_unit_metric
where site_id = $1;

delete from test_statistic
where site_id = $1;

delete from test_quantile
where site_id = $1;

delete from test_refresh
where site_id = $1;

delete from gorse_site
where site_id = $1;

delete from gorse_user
where site_id = $1;

delete from gorse_feedback
where site_id = $1;

delete from users
where site_id = $1;

delete from product
where site_id = $1;

delete from daily_site_metrics
where site_id = $1;

delete from etl_dirty_days
where site_id = $1;

delete from site_retention
where site_id = $1;

delete from site_windows
where site_id = $1;

delete from placement
where site_id = $1;

delete from feature_flag
where site_id = $1;

delete from saved_group
where site_id = $1;

delete from sdk_connection
where site_id = $1;

delete from placement_rule
where site_id = $1;

delete from content_slot
where site_id = $1;

delete from retention_mark
where site_id = $1;

delete from archive_file
where site_id = $1;

delete from recommendations
where website_id = cast(cast($1 as varchar) as uuid);

delete from ml_models
where website_id = cast(cast($1 as varchar) as uuid);

delete from api_key
where website_id = cast(cast($1 as varchar) as uuid);

delete from import_stream
where website_id = cast(cast($1 as varchar) as uuid);

delete from website
where site_id = $1;
