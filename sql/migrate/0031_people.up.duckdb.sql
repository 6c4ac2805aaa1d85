-- People who work for an account, by role, and the log of what was changed by whom (docs/people.md).
-- A check of a column cannot be changed: the table is made anew.

create table account_before as select * from account;

drop table account;

create table account (
  id bigint primary key default nextval('account_id_sequence'),
  name varchar(100) not null unique,
  email varchar(255),
  password_hash text not null,
  role varchar(20) not null default 'admin',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  password_changed_at timestamptz,
  last_login_at timestamptz,
  owner_id bigint,
  check (role in ('admin', 'marketer', 'experimenter', 'viewer'))
);

insert into account (
  id, name, email, password_hash, role, created_at, updated_at, password_changed_at, last_login_at
)
select
  id,
  name,
  email,
  password_hash,
  role,
  created_at,
  updated_at,
  password_changed_at,
  last_login_at
from account_before;

drop table account_before;

create table audit_log (
  id bigint primary key,
  made_at timestamptz not null,
  account_id bigint,
  actor_kind varchar(10) not null,
  actor varchar(100) not null,
  role varchar(20) not null,
  action varchar(100) not null,
  site_id varchar(100),
  target varchar(500) not null,
  details json not null,
  status integer not null,
  client_address varchar(64) not null,
  previous_hash varchar(64) not null,
  hash varchar(64) not null,
  check (actor_kind in ('login', 'key', 'owner'))
);
