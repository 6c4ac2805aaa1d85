-- Takes away the runs of remembered event ids; they are few and written anew.
delete from etl_event_id_buckets;
