-- Profiles that follow the stream. The ETL notes whose rows a batch touched (etl_dirty_people); a
-- follower takes some of them at a time as its scope, within one transaction, and computes them. What a
-- site's people have in common is fitted now and then: the rhythm of their visits, and where in its
-- category a price lies.
-- The indexes are how the rows of some people are found.

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

create index idx_profile_prices_category on profile_prices (site_id, category, price);

create index idx_etl_dirty_people on etl_dirty_people (site_id, person);

create index idx_user_sessions_person
  on user_sessions (site_id, (coalesce(user_id, visitor_id)));

create index idx_orders_person on orders (site_id, (coalesce(user_id, visitor_id)));

create index idx_user_events_scroll on user_events (site_id, session_id)
where scroll_percentage is not null;

select attune_protect(name::regclass, 'site_id')
from (
  values ('etl_dirty_people'), ('profile_scope'), ('profile_parameters'), ('profile_prices')
) as tables (name);
