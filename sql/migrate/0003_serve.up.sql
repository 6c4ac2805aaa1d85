-- Who may ask: secret keys and logins. And what imports were begun. None of it is derived from events:
-- a replay carries these rows over.

create table api_key (
  id bigint primary key,
  website_id uuid,
  name varchar(100) not null,
  scope varchar(10) not null,
  secret_hash varchar(64) not null,
  hint varchar(20) not null,
  created_at timestamptz not null,
  check (scope in ('read', 'write', 'admin')),
  check (website_id is not null or scope = 'admin')
);

create table login (
  token_hash varchar(64) primary key,
  account_id bigint not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table import_stream (
  stream integer primary key,
  website_id uuid not null,
  kind varchar(50) not null,
  name varchar(255) not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  last_batch bigint not null default 0,
  events bigint not null default 0
);
