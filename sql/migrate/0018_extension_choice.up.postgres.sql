-- Which of TimescaleDB, Citus and Apache AGE this database was made for: a choice made once, by
-- `attune init`, and held against what the database has at each start.

create table extension_choice (
  is_only boolean primary key default true check (is_only),
  extension varchar(20) not null check (extension in ('timescaledb', 'citus', 'age')),
  version text not null,
  chosen_at timestamptz not null default now()
);
comment on table extension_choice is 'The extension this database was made for; no row: none';

alter table extension_choice enable row level security, force row level security;
