-- Profiles that follow the stream. The ETL notes whose rows a batch touched (etl_dirty_people); a
-- follower takes some of them at a time as its scope, within one transaction, and computes them. What a
-- site's people have in common is fitted now and then: the rhythm of their visits, and where in its
-- category a price lies.
-- DuckDB: no key on what is written all the time.

create table etl_dirty_people (
  site_id varchar(100) not null,
  person varchar(255) not null,
  position bigint not null
);

create table profile_scope (
  site_id varchar(100) not null,
  person varchar(255) not null,
  created_at timestamptz
);

create table profile_parameters (
  site_id varchar(100) primary key,
  computed_at timestamptz not null,
  people bigint not null,
  returning_people bigint not null,
  r double precision,
  alpha double precision,
  a double precision,
  b double precision,
  log_likelihood double precision,
  detail varchar(255) not null
);

create table profile_prices (
  site_id varchar(100) not null,
  category varchar(255) not null,
  price decimal(19, 4) not null,
  below double precision not null,
  up_to double precision not null
);
