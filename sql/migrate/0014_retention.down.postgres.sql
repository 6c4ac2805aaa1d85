-- Takes back 0014_retention.up.

drop table maintenance_run;

drop table retention_mark;

create table retention_mark (
  site_id varchar(100) not null,
  table_name varchar(100) not null,
  before_at timestamptz not null,
  before_id bigint not null,
  updated_at timestamptz not null,
  primary key (site_id, table_name)
);

select attune_protect('retention_mark', 'site_id');

drop function drop_empty_interaction_partitions;

create or replace procedure cleanup_processed_events(retention_days integer default 90)
language plpgsql as $$
begin
  if retention_days is null or retention_days not between 1 and 36500 then
    raise invalid_parameter_value using
      message = format('retention_days is %s: give a number from 1 to 36500', retention_days);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  delete from events_log
  where created_at < now() - make_interval(days => retention_days)
    and processed_at is not null;
  delete from etl_skipped_events
  where skipped_at < now() - make_interval(days => retention_days);
end $$;
