-- Takes back 0005_procedures.up, with the state of the procedures. Rows they wrote stay.

drop procedure cleanup_processed_events;
drop procedure calculate_daily_metrics;
drop procedure update_active_sessions;
drop procedure process_events_batch;
drop procedure etl_finish;
drop procedure etl_write_interactions;
drop procedure etl_write_actions;
drop procedure etl_store_page_times;
drop procedure etl_write_pages;
drop procedure etl_close_sessions;
drop procedure etl_store_sessions;
drop procedure etl_write_sessions;
drop procedure etl_place;
drop procedure etl_place_in_turn;
drop procedure etl_find_sessions;
drop procedure etl_sift;
drop procedure etl_read;
drop procedure etl_begin;
drop procedure etl_create_work_tables;
drop function etl_zone;
drop function etl_base32;
drop function etl_redacted;
drop function etl_referrer_type;
drop function etl_items;
drop function etl_time;
drop function etl_uuid;
drop function etl_size;
drop function etl_whole;
drop function etl_number;
drop function etl_text;
drop function etl_stable_id;
drop function etl_hash64;
drop function etl_hash64_short;
drop function etl_hash64_long;
drop function etl_avalanche;
drop function etl_mixed;
drop function etl_secret;
drop function etl_swapped64;
drop function etl_read32;
drop function etl_read64;
drop function etl_folded;
drop function etl_wrapped;
drop function etl_unsigned;

drop table etl_skipped_events;
drop table etl_procedure_arrival;
drop table etl_procedure_counts;
drop table etl_procedure_event_ids;
drop table etl_procedure_names;
drop table etl_procedure_worlds;

drop index idx_user_sessions_open_by_hand;
drop index idx_product_external;
drop index idx_users_external;
drop index idx_events_log_unprocessed;

alter sequence events_log_id_sequence increment by 1;
