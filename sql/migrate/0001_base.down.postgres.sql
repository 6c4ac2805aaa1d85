-- Takes back 0001_base.up: every base table with its rows.

drop table ml_models;
drop table orders;
drop function make_interaction_partitions;
drop table user_product_interactions;
drop table daily_site_metrics;
drop table form_submissions;
drop table user_events;
drop table events_log;
drop table product;
drop table users;
drop table website;
drop table account;
drop sequence order_id_sequence;
drop sequence user_product_interactions_id_sequence;
drop sequence daily_site_metrics_id_sequence;
drop sequence form_submissions_id_sequence;
drop sequence user_events_id_sequence;
drop sequence events_log_id_sequence;
drop sequence account_id_sequence;
