-- Takes back 0002_etl.up: the ETL's tables with their rows.

drop table etl_dirty_days;
drop table etl_event_id_buckets;
drop table etl_worlds;
drop table etl_cursor;
drop table recommendation_purchases;
drop table recommendation_clicks;
drop index idx_events_log_client_event;
drop index idx_product_id;
drop index idx_users_id;
drop table recommendations;
drop table pageviews;
drop table user_sessions;
