-- Base tables, and those tables of the sources that need no helper behind them.
-- docs/schema.md says what each is for, whom it belongs to, and why a column was added.
-- DuckDB: the fact tables carry no key; uniqueness is kept by the ETL, which alone writes them.

create sequence account_id_sequence;
create sequence events_log_id_sequence;
create sequence user_events_id_sequence;
create sequence form_submissions_id_sequence;
create sequence daily_site_metrics_id_sequence;
create sequence user_product_interactions_id_sequence;
create sequence order_id_sequence;

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

create table website (
  website_id uuid primary key,
  site_id varchar(100) not null unique,
  domain varchar(255) not null,
  name varchar(255) not null,
  timezone varchar(50) not null default 'UTC',
  currency varchar(3) not null default 'EUR',
  public_key varchar(64),
  allowed_origins json not null default '[]',
  store_ip boolean not null default true,
  rewards json,
  account_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check (site_id = cast(website_id as varchar))
);

create table users (
  id bigint not null,
  site_id varchar(100) not null,
  external_id varchar(255) not null,
  is_known boolean not null default false,
  first_seen_at timestamptz,
  created_at timestamptz not null default now()
);

create table product (
  id bigint not null,
  site_id varchar(100) not null,
  external_id varchar(255) not null,
  name varchar(500),
  category varchar(255),
  brand varchar(255),
  price decimal(19, 4),
  currency varchar(3),
  stock integer,
  url text,
  image_url text,
  hidden boolean not null default false,
  source varchar(20) not null default 'catalogue',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (site_id, id),
  check (source in ('catalogue', 'event'))
);

create table events_log (
  id bigint not null default nextval('events_log_id_sequence'),
  event_id uuid default gen_random_uuid(),
  event_type varchar(50) not null,
  session_id varchar(100),
  visitor_id varchar(100),
  site_id varchar(100),
  timestamp timestamptz not null,
  url text,
  path varchar(500),
  user_agent text,
  ip_address varchar(45),
  raw_event_data json not null,
  created_at timestamptz default now(),
  processed_at timestamptz,
  user_id varchar(255),
  stream integer not null default 0,
  is_bot boolean not null default false,
  is_late boolean not null default false,
  client_event_id boolean not null default false
);

create table user_events (
  id bigint not null default nextval('user_events_id_sequence'),
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  site_id varchar(100) not null,
  event_type varchar(50) not null,
  event_timestamp timestamptz not null,
  page_url text,
  page_path varchar(500),
  event_data json,
  element_tag varchar(20),
  element_classes text,
  element_id varchar(100),
  scroll_percentage integer,
  form_id varchar(100)
);

create table form_submissions (
  id bigint not null default nextval('form_submissions_id_sequence'),
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  site_id varchar(100) not null,
  form_id varchar(100),
  form_action text,
  form_method varchar(10),
  page_url text,
  page_path varchar(500),
  submit_timestamp timestamptz not null,
  field_count integer,
  form_data json
);

create table daily_site_metrics (
  id bigint not null default nextval('daily_site_metrics_id_sequence'),
  site_id varchar(100) not null,
  metric_date date not null,
  unique_visitors integer default 0,
  total_sessions integer default 0,
  total_pageviews integer default 0,
  bounce_rate decimal(5, 4),
  avg_session_duration_seconds integer,
  avg_pages_per_session decimal(8, 2),
  total_events integer default 0,
  direct_sessions integer default 0,
  search_sessions integer default 0,
  social_sessions integer default 0,
  referral_sessions integer default 0,
  email_sessions integer default 0,
  paid_sessions integer default 0,
  ai_sessions integer default 0,
  internal_sessions integer default 0,
  bounced_sessions integer default 0,
  total_duration_seconds bigint default 0,
  orders integer default 0,
  revenue decimal(19, 4) default 0,
  unique (site_id, metric_date)
);

create table user_product_interactions (
  id bigint not null default nextval('user_product_interactions_id_sequence'),
  user_id bigint not null,
  product_id bigint not null,
  interaction_type varchar(50) not null,
  session_id varchar(255),
  timestamp timestamptz not null default now(),
  context json,
  reward decimal(10, 2) default 0.00,
  site_id varchar(100) not null default '',
  visitor_id varchar(100),
  item_id varchar(255),
  quantity decimal(12, 3),
  price decimal(19, 4),
  decision_id uuid
);

create table orders (
  id bigint not null default nextval('order_id_sequence'),
  site_id varchar(100) not null,
  order_id varchar(255),
  session_id varchar(100) not null,
  visitor_id varchar(100) not null,
  user_id varchar(255),
  order_timestamp timestamptz not null,
  revenue decimal(19, 4) not null default 0,
  currency varchar(3),
  item_count integer not null default 0
);

create table ml_models (
  id uuid primary key default gen_random_uuid(),
  name varchar(100) not null,
  version varchar(50) not null,
  model_type varchar(50),
  algorithm varchar(100),
  hyperparameters json,
  training_data_period json,
  metrics json,
  artifact_path varchar(500),
  artifact_size_bytes bigint,
  status varchar(20),
  is_active boolean default false,
  trained_at timestamptz,
  deployed_at timestamptz,
  created_at timestamptz default now(),
  website_id uuid not null,
  artifact_sha256 varchar(64),
  unique (website_id, name, version),
  check (status in ('training', 'validating', 'production', 'archived'))
);
