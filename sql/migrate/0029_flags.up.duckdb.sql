-- Feature flags of a site (docs/flags.md). Values and rules are what the API was given, checked.

create table feature_flag (
  site_id varchar(100) not null,
  flag_key varchar(100) not null,
  description varchar not null default '',
  value_type varchar(20) not null,
  default_value json not null,
  rules json not null,
  enabled boolean not null default true,
  archived boolean not null default false,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by varchar(255) not null default '',
  primary key (site_id, flag_key),
  check (value_type in ('boolean', 'string', 'number', 'json')),
  check (version >= 1)
);
