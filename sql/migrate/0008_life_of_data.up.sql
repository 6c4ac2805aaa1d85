-- How long rows stay, where those that moved are, and whom nobody may bring back. None of it is derived
-- from events: a replay carries these rows over.

create table erased_person (
  site_id varchar(100) not null,
  kind varchar(20) not null,
  id_hash varchar(64) not null,
  erased_at timestamptz not null,
  finished_at timestamptz,
  primary key (site_id, kind, id_hash),
  check (kind in ('site', 'visitor', 'anonymous', 'user'))
);

create table site_retention (
  site_id varchar(100) not null,
  table_name varchar(100) not null,
  archive_after_days integer,
  delete_after_days integer,
  updated_at timestamptz not null,
  primary key (site_id, table_name),
  check (table_name in ('events_log', 'user_product_interactions')),
  check (archive_after_days > 0),
  check (delete_after_days > 0)
);

create table retention_mark (
  site_id varchar(100) not null,
  table_name varchar(100) not null,
  before_at timestamptz not null,
  before_id bigint not null,
  updated_at timestamptz not null,
  primary key (site_id, table_name)
);

create table archive_file (
  file varchar(500) primary key,
  site_id varchar(100) not null,
  table_name varchar(100) not null,
  month date not null,
  row_count bigint not null,
  file_bytes bigint not null,
  sha256 varchar(64) not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  made_at timestamptz not null
);
