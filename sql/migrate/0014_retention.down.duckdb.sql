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
