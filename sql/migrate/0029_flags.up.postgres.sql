-- Feature flags of a site (docs/flags.md). Values and rules are what the API was given, checked;
-- json and not jsonb, which would rewrite numbers and the order of members.

create table feature_flag (
  site_id varchar(100) not null,
  flag_key varchar(100) collate "C" not null,
  description text not null default '',
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
  constraint feature_flag_value_type_check
    check (value_type in ('boolean', 'string', 'number', 'json')),
  constraint feature_flag_version_check check (version >= 1)
);

select attune_protect('feature_flag', 'site_id');
