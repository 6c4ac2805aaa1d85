-- People who work for an account, by role, and the log of what was changed by whom (docs/people.md).

alter table account drop constraint account_role_check;

alter table account add constraint account_role_check
  check (role in ('admin', 'marketer', 'experimenter', 'viewer'));

alter table account add column owner_id bigint;

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
  constraint audit_log_actor_kind_check check (actor_kind in ('login', 'key', 'owner'))
);

select attune_protect('audit_log', 'account_id', false);
