-- Base tables, and those tables of the sources that need no helper behind them.
-- docs/schema.md says what each is for, whom it belongs to, and why a column was added.
-- PostgreSQL: keys of facts carry site and time, as distribution and partitioning will want. Ids of
-- rows that people insert begin at 2^62, behind all journal positions: `order by id desc` shows them first.
-- A row inserted without a site gets that of the session (`set attune.site_id = '...'`), else ''.

create sequence account_id_sequence;
create sequence events_log_id_sequence start 4611686018427387904;
create sequence user_events_id_sequence start 4611686018427387904;
create sequence form_submissions_id_sequence start 4611686018427387904;
create sequence daily_site_metrics_id_sequence;
create sequence user_product_interactions_id_sequence start 4611686018427387904;
create sequence order_id_sequence start 4611686018427387904;

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
  allowed_origins jsonb not null default '[]',
  store_ip boolean not null default true,
  rewards jsonb,
  account_id bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check (site_id = cast(website_id as text))
);

create table users (
  id bigint not null,
  site_id varchar(100) not null default coalesce(current_setting('attune.site_id', true), ''),
  external_id varchar(255) not null,
  is_known boolean not null default false,
  first_seen_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (site_id, id)
);

create table product (
  id bigint not null,
  site_id varchar(100) not null default coalesce(current_setting('attune.site_id', true), ''),
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
  site_id varchar(100) not null default coalesce(current_setting('attune.site_id', true), ''),
  timestamp timestamptz not null,
  url text,
  path varchar(500),
  user_agent text,
  ip_address inet,
  raw_event_data jsonb not null,
  created_at timestamptz default now(),
  processed_at timestamptz,
  user_id varchar(255),
  stream integer not null default 0,
  is_bot boolean not null default false,
  is_late boolean not null default false,
  client_event_id boolean not null default false,
  primary key (site_id, timestamp, id)
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
  event_data jsonb,
  element_tag varchar(20),
  element_classes text,
  element_id varchar(100),
  scroll_percentage integer,
  form_id varchar(100),
  primary key (site_id, event_timestamp, id)
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
  form_data jsonb,
  primary key (site_id, submit_timestamp, id)
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
  context jsonb,
  reward decimal(10, 2) default 0.00,
  site_id varchar(100) not null default coalesce(current_setting('attune.site_id', true), ''),
  visitor_id varchar(100),
  item_id varchar(255),
  quantity decimal(12, 3),
  price decimal(19, 4),
  decision_id uuid,
  primary key (site_id, timestamp, id),
  constraint fk_user_product_interactions_users foreign key (site_id, user_id)
    references users (site_id, id) on delete cascade,
  constraint fk_user_product_interactions_product foreign key (site_id, product_id)
    references product (site_id, id) on delete cascade,
  constraint user_product_interactions_type_check check (
    interaction_type in (
      'VIEW', 'CLICK', 'CART_ADD', 'PURCHASE', 'WISHLIST', 'REMOVE_CART', 'REMOVE_WISHLIST'
    )
  )
) partition by range (timestamp);

-- What has no month's partition yet: no insert ever fails for want of one.
create table user_product_interactions_default partition of user_product_interactions default;

-- Makes the partitions of the months of a range that are missing, and moves rows of theirs out of the
-- default partition. Writers wait meanwhile, readers do not, until the last step. Returns how many it made.
create function make_interaction_partitions(first_month date, last_month date) returns integer
language plpgsql
as $function$
declare
  month date := date_trunc('month', first_month);
  name text;
  begins timestamptz;
  ends timestamptz;
  made integer := 0;
begin
  if last_month > first_month + interval '20 years' then
    raise exception 'more than 20 years of partitions: % to %', first_month, last_month;
  end if;
  while month <= last_month loop
    name := 'user_product_interactions_' || to_char(month, 'YYYY_MM');
    begins := month::timestamp at time zone 'UTC';
    month := month + interval '1 month';
    ends := month::timestamp at time zone 'UTC';
    if to_regclass(quote_ident(name)) is not null then
      continue;
    end if;
    lock table user_product_interactions_default in share row exclusive mode;
    execute format(
      'create table %I (like user_product_interactions including defaults including constraints)',
      name
    );
    execute format(
      'with moved as (
        delete from user_product_interactions_default
        where timestamp >= %L and timestamp < %L
        returning *
      )
      insert into %I select * from moved', begins, ends, name
    );
    execute format(
      'alter table user_product_interactions attach partition %I for values from (%L) to (%L)',
      name, begins, ends
    );
    made := made + 1;
  end loop;
  return made;
end
$function$;

select make_interaction_partitions(
  (now() at time zone 'UTC')::date, ((now() at time zone 'UTC') + interval '2 months')::date
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
  item_count integer not null default 0,
  primary key (site_id, order_timestamp, id)
);

create table ml_models (
  id uuid primary key default gen_random_uuid(),
  name varchar(100) not null,
  version varchar(50) not null,
  model_type varchar(50),
  algorithm varchar(100),
  hyperparameters jsonb,
  training_data_period jsonb,
  metrics jsonb,
  artifact_path varchar(500),
  artifact_size_bytes bigint,
  status varchar(20),
  is_active boolean default false,
  trained_at timestamptz,
  deployed_at timestamptz,
  created_at timestamptz default now(),
  website_id uuid not null references website (website_id) on delete cascade,
  artifact_sha256 varchar(64),
  unique (website_id, name, version),
  check (status in ('training', 'validating', 'production', 'archived'))
);

create index idx_events_log_timestamp on events_log (timestamp);
create index idx_events_log_site_created on events_log (site_id, created_at);
create index idx_events_log_session on events_log (session_id);
create index idx_events_log_event_type on events_log (event_type);
create index idx_events_log_processed on events_log (processed_at);
create index idx_events_log_raw_data_gin on events_log using gin (raw_event_data);
create index idx_user_timestamp on user_product_interactions (user_id, timestamp);
create index idx_product_timestamp on user_product_interactions (product_id, timestamp);
create index idx_interaction_type on user_product_interactions (interaction_type);
create index idx_session on user_product_interactions (session_id);
create index idx_timestamp on user_product_interactions (timestamp);
create index idx_ml_models_name on ml_models (name);
create index idx_ml_models_status on ml_models (status);
create index idx_ml_models_active on ml_models (is_active) where is_active = true;

comment on table ml_models is 'ML model registry and versioning';
comment on column ml_models.status is 'Model status: training, validating, production, archived';
comment on column ml_models.is_active is 'Whether this model version is currently active in production';
comment on table user_product_interactions is
  'User-product interaction tracking for RL recommendation system';
comment on column user_product_interactions.interaction_type is
  'CLICK, VIEW, CART_ADD, PURCHASE, WISHLIST, REMOVE_CART, REMOVE_WISHLIST';
comment on column user_product_interactions.context is
  'Additional context: category, price range, device, etc.';
comment on column user_product_interactions.reward is 'Calculated reward for RL';
