-- The record of applied migrations.
create table if not exists schema_migrations (
  number integer primary key,
  name varchar(200) not null,
  hash varchar(16) not null,
  applied_at timestamptz not null default now()
);
