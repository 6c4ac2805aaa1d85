-- Takes back 0002_etl.up: the ETL's tables with their rows.

drop table etl_dirty_days;
drop table etl_event_id_buckets;
drop table etl_worlds;
drop table etl_cursor;
drop table recommendation_purchases;
drop table recommendation_clicks;
drop table recommendations;
drop view pageviews;
drop table pageviews_cold;
drop view user_sessions;
drop table user_sessions_cold;
drop table hot_pages;
drop table hot_leads;
drop table hot_sessions;
