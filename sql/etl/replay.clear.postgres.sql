-- Empties what the ETL derives, for it to begin again. Rows that people put into events_log
-- themselves, and what the procedures made of them, have numbers from 2^62 on and stay.
delete from etl_cursor;

delete from etl_worlds;

delete from etl_event_id_buckets;

delete from etl_dirty_days;

delete from etl_dirty_people;

-- Without it, profiles are swept when the ETL begins.
delete from profile_parameters;

delete from test_exposure;

delete from test_unit;

delete from test_unit_metric;

delete from test_statistic;

delete from test_quantile;

delete from test_refresh;

delete from recommendation_clicks;

delete from recommendation_purchases;

delete from recommendations;

delete from daily_site_metrics;

delete from user_sessions
where session_key < 4611686018427387904;

delete from pageviews
where id < 4611686018427387904;

delete from user_events
where id < 4611686018427387904;

delete from form_submissions
where id < 4611686018427387904;

delete from orders
where id < 4611686018427387904;

delete from user_product_interactions
where id < 4611686018427387904;

delete from events_log
where id < 4611686018427387904;

delete from users
where not exists (
  select
  from user_product_interactions
  where user_product_interactions.site_id = users.site_id
    and user_product_interactions.user_id = users.id
);

delete from product
where source = 'event'
  and not exists (
    select
    from user_product_interactions
    where user_product_interactions.site_id = product.site_id
      and user_product_interactions.product_id = product.id
  );
