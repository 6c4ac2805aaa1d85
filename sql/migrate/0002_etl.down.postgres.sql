-- Takes back 0002_etl.up: the ETL's tables with their rows.

drop table etl_dirty_days;
drop table recommendations;
drop table pageviews;
drop table user_sessions;
