-- What the extensions do with which table, in this order: those that others refer to come first. All
-- other tables are small, and stay where they are. A test holds keys against it.
--
-- Columns
--   name           text
--   tenant_column  text  Citus: rows are distributed by it; null: a reference table, on every node
--   time_column    text  TimescaleDB: a hypertable in chunks of this time; null: an ordinary table
select
  name,
  tenant_column,
  time_column
from (
  values
    (1, 'website', null, null),
    (2, 'users', 'site_id', null),
    (3, 'product', 'site_id', null),
    (4, 'events_log', 'site_id', 'timestamp'),
    (5, 'user_sessions', 'site_id', null),
    (6, 'pageviews', 'site_id', 'view_timestamp'),
    (7, 'user_events', 'site_id', 'event_timestamp'),
    (8, 'form_submissions', 'site_id', 'submit_timestamp'),
    (9, 'orders', 'site_id', 'order_timestamp'),
    (10, 'user_product_interactions', 'site_id', null),
    (11, 'daily_site_metrics', 'site_id', null),
    (12, 'rl_model_metadata', 'site_id', null),
    (13, 'user_context_features', 'site_id', null),
    (14, 'graph_edges', 'site_id', null),
    (15, 'recommendations', 'website_id', 'decided_at'),
    (16, 'user_profiles', 'website_id', null),
    (17, 'gorse_user', 'site_id', null),
    (18, 'gorse_feedback', 'site_id', null),
    (19, 'test_exposure', 'site_id', null),
    (20, 'test_unit', 'site_id', null),
    (21, 'test_unit_metric', 'site_id', null)
) as tables (position, name, tenant_column, time_column)
order by position;
