-- Takes back 0031_people.up: people who worked for an account can no longer log in.

drop table audit_log;

create table account_before as select * from account where owner_id is null;

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
  check (role in ('admin', 'viewer'))
);

insert into account
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
