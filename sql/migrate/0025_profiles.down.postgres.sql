-- Takes back 0025_profiles.up; profiles stay as they were last computed.

drop index idx_user_sessions_person;

drop index idx_orders_person;

drop index idx_user_events_scroll;

drop table etl_dirty_people;

drop table profile_scope;

drop table profile_parameters;

drop table profile_prices;
