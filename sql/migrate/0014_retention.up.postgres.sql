-- What retention and archive took out of the tables, and when upkeep last ran. A mark now says how
-- many rows and why, and a table may have several: when a limit grows, later runs reach less far
-- back than earlier ones. No mark was ever written in the former shape.

drop table retention_mark;

create table retention_mark (
  site_id varchar(100) not null,
  table_name varchar(100) not null,
  action varchar(20) not null,
  before_at timestamptz not null,
  before_id bigint not null,
  row_count bigint not null,
  updated_at timestamptz not null,
  primary key (site_id, table_name, action, before_at, before_id),
  check (action in ('removed', 'archived'))
);

create table maintenance_run (
  period varchar(20) primary key,
  started_at timestamptz not null,
  finished_at timestamptz not null,
  succeeded boolean not null,
  detail jsonb not null,
  check (period in ('daily', 'weekly', 'monthly'))
);

select attune_protect('retention_mark', 'site_id');

alter table maintenance_run enable row level security;

alter table maintenance_run force row level security;

-- As before, and says what it removed, so that a replay leaves it away.
create or replace procedure cleanup_processed_events(retention_days integer default 90)
language plpgsql as $$
declare
  oldest timestamptz;
  taken_in bigint;
begin
  if retention_days is null or retention_days not between 1 and 36500 then
    raise invalid_parameter_value using
      message = format('retention_days is %s: give a number from 1 to 36500', retention_days);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  oldest := now() - make_interval(days => retention_days);
  taken_in := coalesce((select position from etl_cursor where name = 'etl'), 0);
  with removed as (
    delete from events_log
    where created_at < oldest
      and processed_at is not null
    returning site_id
  )
  insert into retention_mark (
    site_id, table_name, action, before_at, before_id, row_count, updated_at
  )
  select
    site_id,
    'events_log',
    'removed',
    oldest,
    taken_in,
    count(*),
    now()
  from removed
  group by site_id
  on conflict (site_id, table_name, action, before_at, before_id) do update
  set row_count = retention_mark.row_count + excluded.row_count;
  delete from etl_skipped_events
  where skipped_at < now() - make_interval(days => retention_days);
end $$;

-- Drops the partitions of months before the given one that hold no rows any more. Returns how many.
-- Gives up when others use the table for longer than three seconds.
create function drop_empty_interaction_partitions(before_month date) returns integer
language plpgsql
as $$
declare
  child record;
  holds boolean;
  dropped integer := 0;
begin
  perform set_config('lock_timeout', '3s', true);
  for child in
    select inhrelid::regclass as name
    from pg_inherits
    where inhparent = 'user_product_interactions'::regclass
      and inhrelid::regclass::text ~ '^user_product_interactions_\d{4}_\d{2}$'
      and to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM')
        < date_trunc('month', before_month)
    order by 1
  loop
    execute format('select exists (select from %s)', child.name) into holds;
    if not holds then
      execute format('lock table %s in access exclusive mode', child.name);
      execute format('select exists (select from %s)', child.name) into holds;
      if not holds then
        execute format('drop table %s', child.name);
        dropped := dropped + 1;
      end if;
    end if;
  end loop;
  return dropped;
end $$;
