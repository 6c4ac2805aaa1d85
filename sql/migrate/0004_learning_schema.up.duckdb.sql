-- What is known of a person, in sum: profiles for personalization, feature vectors for learning, and the
-- models that learning made. docs/profiles.md defines every column; docs/schema.md says what was added.
-- DuckDB: profiles and vectors grow with every visitor and carry no keys; the refresh keeps them unique.

create sequence rl_model_metadata_id_sequence;
create sequence user_context_features_id_sequence;

create table user_profiles (
  id uuid not null default gen_random_uuid(),
  user_id varchar(255) not null,
  website_id uuid not null,
  lifecycle_stage varchar(50),
  funnel_position varchar(50),
  session_count integer default 0,
  total_pageviews integer default 0,
  total_events integer default 0,
  total_purchases integer default 0,
  total_revenue decimal(19, 4) default 0,
  avg_session_duration integer,
  avg_time_on_page integer,
  avg_scroll_depth integer,
  bounce_rate decimal(5, 4),
  favorite_categories json,
  favorite_products json,
  price_sensitivity varchar(20),
  preferred_brands json,
  device_preference varchar(20),
  first_visit timestamptz,
  last_visit timestamptz,
  created_at timestamptz default now(),
  updated_at timestamptz default now(),
  check (
    lifecycle_stage in ('new', 'active', 'at_risk', 'churned')
  ),
  check (
    funnel_position in ('awareness', 'consideration', 'decision', 'retention')
  ),
  check (price_sensitivity in ('low', 'medium', 'high')),
  check (
    device_preference in ('mobile', 'tablet', 'desktop')
  )
);

create table rl_model_metadata (
  id bigint not null default nextval('rl_model_metadata_id_sequence'),
  model_name varchar(100) not null,
  algorithm_type varchar(50) not null,
  version varchar(20) not null,
  is_active boolean default false,
  training_date timestamptz,
  performance_metrics json,
  model_path varchar(500),
  created_at timestamptz not null default now(),
  created_by bigint,
  site_id varchar(100) not null default '',
  primary key (site_id, id),
  unique (site_id, model_name, version),
  check (
    algorithm_type in ('LINUCB', 'THOMPSON_SAMPLING', 'DQN')
  )
);

create table user_context_features (
  id bigint not null default nextval('user_context_features_id_sequence'),
  user_id bigint not null,
  feature_vector json not null,
  last_updated timestamptz not null default now(),
  site_id varchar(100) not null default ''
);

-- The default reward of an interaction; a site may have its own (website.rewards). Null: no such type.
create macro interaction_reward(interaction_type) as
  case interaction_type
    when 'VIEW' then 0.1
    when 'CLICK' then 0.5
    when 'CART_ADD' then 2.0
    when 'PURCHASE' then 10.0
    when 'WISHLIST' then 1.0
    when 'REMOVE_CART' then -1.0
    when 'REMOVE_WISHLIST' then -0.5
  end;

comment on table user_profiles is
  'Aggregated user behavior and preferences for personalization';
comment on column user_profiles.lifecycle_stage is
  'User lifecycle stage: new, active, at_risk, churned';
comment on column user_profiles.funnel_position is 'User position in marketing funnel';
comment on column user_profiles.favorite_categories is
  'JSONB array of favorite product categories';
comment on column user_profiles.favorite_products is 'JSONB array of favorite product IDs';
comment on table rl_model_metadata is 'RL model metadata and version tracking';
comment on column rl_model_metadata.algorithm_type is 'LINUCB, THOMPSON_SAMPLING, DQN';
comment on column rl_model_metadata.performance_metrics is
  'CTR, conversion rate, avg reward, etc.';
comment on column rl_model_metadata.model_path is 'Path to model file';
comment on column rl_model_metadata.created_by is 'User who triggered training';
comment on table user_context_features is
  'Precomputed user feature vectors for RL models';
comment on column user_context_features.feature_vector is 'Precomputed user features for RL';
comment on column user_context_features.user_id is 'users.id';
