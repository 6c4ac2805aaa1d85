-- Lists of a site that conditions of flags and tests refer to by name (docs/flags.md).

create table saved_group (
  site_id varchar(100) not null,
  group_key varchar(100) not null,
  description varchar not null default '',
  members json not null,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by varchar(255) not null default '',
  primary key (site_id, group_key),
  check (version >= 1)
);
