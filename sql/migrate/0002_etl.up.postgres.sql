-- The same tables as on DuckDB (docs/etl.md defines every column), without the split into hot and cold:
-- PostgreSQL finds a row by its key, so user_sessions and pageviews are tables. Keys begin with the
-- number that the ETL finds rows by.

create table user_sessions (
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  site_id varchar(100) not null,
  session_start timestamptz not null,
  session_end timestamptz,
  duration_seconds integer,
  pageview_count integer default 0,
  event_count integer default 0,
  bounce boolean default true,
  entry_url text,
  entry_path varchar(500),
  entry_title text,
  exit_url text,
  exit_path varchar(500),
  utm_source varchar(100),
  utm_medium varchar(100),
  utm_campaign varchar(100),
  utm_content varchar(100),
  utm_term varchar(100),
  referrer_type varchar(50),
  referrer_platform varchar(100),
  original_referrer text,
  user_agent text,
  browser_language varchar(10),
  timezone varchar(50),
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio decimal(3, 2),
  session_key bigint not null,
  stream integer not null default 0,
  last_event_at timestamptz not null,
  engaged_count integer not null default 0,
  browser varchar(100),
  os varchar(100),
  device_type varchar(20),
  country varchar(2),
  user_id varchar(255),
  user_at timestamptz,
  user_position bigint,
  lead_at timestamptz,
  lead_position bigint,
  last_position bigint,
  exit_position bigint,
  exit_at timestamptz,
  primary key (session_key, site_id)
);

create index idx_user_sessions_open on user_sessions (session_key) where session_end is null;
create index idx_user_sessions_session on user_sessions (site_id, session_id);
create index idx_user_sessions_start on user_sessions (site_id, session_start);
create index idx_user_sessions_last_event on user_sessions (site_id, last_event_at);
create index idx_user_sessions_visitor on user_sessions (site_id, visitor_id);

create table pageviews (
  id bigint not null,
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  site_id varchar(100) not null,
  url text not null,
  path varchar(500) not null,
  title text,
  query_params text,
  hash_fragment varchar(500),
  view_timestamp timestamptz not null,
  time_on_page_seconds integer,
  referrer text,
  internal_referrer boolean default false,
  utm_source varchar(100),
  utm_medium varchar(100),
  utm_campaign varchar(100),
  utm_content varchar(100),
  utm_term varchar(100),
  session_key bigint not null,
  primary key (id, site_id, view_timestamp)
);

create index idx_pageviews_session on pageviews (session_key);
create index idx_pageviews_view on pageviews (site_id, view_timestamp);

create table recommendations (
  id uuid not null default gen_random_uuid(),
  session_id uuid not null,
  user_id varchar(255),
  website_id uuid not null references website (website_id) on delete cascade,
  recommendation_type varchar(50),
  item_id varchar(255) not null,
  score decimal(5, 4),
  rank integer,
  context jsonb,
  strategy varchar(50),
  model_version varchar(50),
  personalization_factors jsonb,
  shown boolean default true,
  clicked boolean default false,
  converted boolean default false,
  revenue decimal(19, 4),
  shown_at timestamptz default now(),
  clicked_at timestamptz,
  converted_at timestamptz,
  decision_id uuid not null,
  position bigint not null,
  product_id bigint not null,
  person_id bigint,
  decided_at timestamptz not null,
  propensity double precision not null,
  raw_score double precision,
  reason text,
  placement varchar(100),
  session_text varchar(100),
  eligible_count integer,
  eligible_hash varchar(16),
  seed varchar(16),
  matured_at timestamptz,
  primary key (id, website_id, decided_at)
);

create index idx_recommendations_session on recommendations (session_id);
create index idx_recommendations_user on recommendations (user_id);
create index idx_recommendations_item on recommendations (item_id);
create index idx_recommendations_shown_at on recommendations (shown_at);
create index idx_recommendations_outcome on recommendations (clicked, converted);
create index idx_recommendations_website on recommendations (website_id);
create index idx_recommendations_decision on recommendations (decision_id);

comment on table recommendations is 'Historical recommendations for analysis and learning';
comment on column recommendations.strategy is
  'Recommendation strategy used: collaborative, sequential, graph, etc.';
comment on column recommendations.personalization_factors is
  'JSONB object containing factors that influenced this recommendation';

-- The ETL knows a number before it knows whose it is.
create index idx_users_id on users (id);
create index idx_product_id on product (id);
create index idx_events_log_client_event on events_log (id) where client_event_id;

create table recommendation_clicks (
  recommendation_id uuid not null,
  person_id bigint,
  product_id bigint not null,
  clicked_at timestamptz not null,
  position bigint not null,
  decided_at timestamptz not null
);

create index idx_recommendation_clicks_pair on recommendation_clicks (person_id, product_id);
create index idx_recommendation_clicks_position on recommendation_clicks (position);

create table recommendation_purchases (
  id bigint not null,
  person_id bigint not null,
  product_id bigint not null,
  purchased_at timestamptz not null,
  amount decimal(19, 4) not null
);

create index idx_recommendation_purchases_pair on recommendation_purchases (person_id, product_id);

create table etl_cursor (
  name varchar(50) primary key,
  position bigint not null,
  tick_ms bigint not null,
  arrival_ms bigint not null,
  names_from bigint not null,
  events bigint not null default 0,
  counted bigint not null default 0,
  duplicates bigint not null default 0,
  bots bigint not null default 0,
  performance bigint not null default 0,
  late bigint not null default 0,
  after_end bigint not null default 0,
  erased bigint not null default 0,
  damaged bigint not null default 0,
  decisions bigint not null default 0,
  other_records bigint not null default 0,
  sessions bigint not null default 0,
  sessions_given_up bigint not null default 0,
  event_ids_given_up bigint not null default 0
);

create table etl_worlds (
  site_id varchar(100) not null,
  stream integer not null,
  watermark_ms bigint not null,
  floor_ms bigint not null,
  ended boolean not null
);

create table etl_event_id_buckets (
  first_position bigint not null,
  hour bigint not null
);

create table etl_dirty_days (
  site_id varchar(100) not null,
  metric_date date not null
);
