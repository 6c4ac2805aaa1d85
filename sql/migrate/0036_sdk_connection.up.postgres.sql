-- Client keys of a site for SDKs, and whether what they get is encrypted (docs/flags.md). The key of the
-- encryption stands as it is: whoever sets up an SDK needs it, and the payload is no secret of visitors.

create table sdk_connection (
  site_id varchar(100) not null,
  client_key varchar(100) collate "C" not null,
  name varchar(255) not null default '',
  encrypted boolean not null,
  encryption_key varchar(100) not null,
  version bigint not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  updated_by varchar(255) not null default '',
  primary key (site_id, client_key),
  constraint sdk_connection_version_check check (version >= 1)
);

select attune_protect('sdk_connection', 'site_id');
