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
  detail json not null,
  check (period in ('daily', 'weekly', 'monthly'))
);
