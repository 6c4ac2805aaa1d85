-- The schema after all migrations, as the database describes it. Not run: `attune migrate verify`
-- compares with it. Written by tools/schema_snapshot.

--- type: agegroupenum
create type agegroupenum as enum ('Gen Z', 'Millennial', 'Gen X', 'Boomer');

--- type: brandvoiceenum
create type brandvoiceenum as enum ('Professional', 'Casual', 'Playful', 'Luxury', 'Authentic', 'Bold');

--- type: budgetrangeenum
create type budgetrangeenum as enum ('Micro', 'Small', 'Medium', 'Large', 'Enterprise');

--- type: businesssizeenum
create type businesssizeenum as enum ('Startup', 'SMB', 'Enterprise');

--- type: campaignobjectiveenum
create type campaignobjectiveenum as enum ('Brand Awareness', 'Lead Generation', 'Sales', 'Engagement', 'Traffic', 'App Installs');

--- type: contentpreferenceenum
create type contentpreferenceenum as enum ('Video First', 'Image Heavy', 'Text Focused', 'Mixed');

--- type: platformpriorityenum
create type platformpriorityenum as enum ('Instagram', 'Facebook', 'TikTok', 'LinkedIn', 'YouTube');

--- type: statisticalsignificanceenum
create type statisticalsignificanceenum as enum ('Not Significant', 'Approaching', 'Significant', 'Highly Significant');

--- type: teststatusenum
create type teststatusenum as enum ('Draft', 'Active', 'Paused', 'Completed', 'Cancelled');

--- type: testtypeenum
create type testtypeenum as enum ('Simple A/B', 'Multivariate', 'Split URL', 'Content Variation');

--- sequence: account_id_sequence
create sequence account_id_sequence start 1;

--- sequence: daily_site_metrics_id_sequence
create sequence daily_site_metrics_id_sequence start 1;

--- sequence: events_log_id_sequence
create sequence events_log_id_sequence start 4611686018427387904;

--- sequence: form_submissions_id_sequence
create sequence form_submissions_id_sequence start 4611686018427387904;

--- sequence: order_id_sequence
create sequence order_id_sequence start 4611686018427387904;

--- sequence: rl_model_metadata_id_sequence
create sequence rl_model_metadata_id_sequence start 1;

--- sequence: user_context_features_id_sequence
create sequence user_context_features_id_sequence start 1;

--- sequence: user_events_id_sequence
create sequence user_events_id_sequence start 4611686018427387904;

--- sequence: user_product_interactions_id_sequence
create sequence user_product_interactions_id_sequence start 4611686018427387904;

--- table: ab_tests
create table ab_tests (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid,
  name character varying(255) not null,
  test_type testtypeenum default 'Simple A/B'::testtypeenum not null,
  hypothesis text,
  confidence_threshold double precision default 0.95 not null,
  sample_size bigint,
  duration_days bigint,
  traffic_split jsonb default '{}'::jsonb not null,
  status teststatusenum default 'Draft'::teststatusenum not null,
  start_date timestamp with time zone,
  end_date timestamp with time zone,
  winning_variation character varying(100),
  confidence_level double precision,
  significance_status statisticalsignificanceenum default 'Not Significant'::statisticalsignificanceenum not null,
  p_value double precision,
  projected_lift double precision,
  revenue_impact numeric(19,4),
  engine character varying(30) default 'frequentist'::character varying not null,
  primary_metric character varying(100),
  guardrail_metrics jsonb default '[]'::jsonb not null,
  hash_attribute character varying(100) default 'visitor_id'::character varying not null,
  hash_version bigint default 2 not null,
  seed character varying(100) default (gen_random_uuid())::character varying not null,
  coverage double precision default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  site_id character varying(100),
  test_key character varying(100),
  design jsonb default '{}'::jsonb not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  decided_by character varying(255),
  decision jsonb default '{}'::jsonb not null,
  weights jsonb default '[]'::jsonb not null
);

--- table: account
create table account (
  id bigint default nextval('account_id_sequence'::regclass) not null,
  name character varying(100) not null,
  email character varying(255),
  password_hash text not null,
  role character varying(20) default 'admin'::character varying not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  password_changed_at timestamp with time zone,
  last_login_at timestamp with time zone,
  owner_id bigint
);

--- table: api_key
create table api_key (
  id bigint not null,
  website_id uuid,
  name character varying(100) not null,
  scope character varying(10) not null,
  secret_hash character varying(64) not null,
  hint character varying(20) not null,
  created_at timestamp with time zone not null
);

--- table: archive_file
create table archive_file (
  file character varying(500) not null,
  site_id character varying(100) not null,
  table_name character varying(100) not null,
  month date not null,
  row_count bigint not null,
  file_bytes bigint not null,
  sha256 character varying(64) not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  made_at timestamp with time zone not null
);

--- table: audit_log
create table audit_log (
  id bigint not null,
  made_at timestamp with time zone not null,
  account_id bigint,
  actor_kind character varying(10) not null,
  actor character varying(100) not null,
  role character varying(20) not null,
  action character varying(100) not null,
  site_id character varying(100),
  target character varying(500) not null,
  details json not null,
  status integer not null,
  client_address character varying(64) not null,
  previous_hash character varying(64) not null,
  hash character varying(64) not null
);

--- table: campaign_personalization_settings
create table campaign_personalization_settings (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid not null,
  personalization_level character varying(30) default 'off'::character varying not null,
  auto_optimization_enabled boolean default false not null,
  dynamic_content_enabled boolean default false not null,
  adaptive_bidding_enabled boolean default false not null,
  audience_settings jsonb default '{}'::jsonb not null,
  demographic_weights jsonb default '{}'::jsonb not null,
  behavioral_triggers jsonb default '[]'::jsonb not null,
  rotation_strategy character varying(30) default 'even'::character varying not null,
  content_templates jsonb default '[]'::jsonb not null,
  dynamic_elements jsonb default '{}'::jsonb not null,
  budget_allocation_strategy character varying(30) default 'fixed'::character varying not null,
  bid_adjustments jsonb default '{}'::jsonb not null,
  performance_targets jsonb default '{}'::jsonb not null,
  learning_priority character varying(30) default 'medium'::character varying not null,
  optimization_frequency character varying(30) default 'daily'::character varying not null,
  performance_thresholds jsonb default '{}'::jsonb not null,
  ab_testing_enabled boolean default false not null,
  predictive_scaling_enabled boolean default false not null,
  real_time_optimization_enabled boolean default false not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: campaign_recommendations
create table campaign_recommendations (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  name character varying(255) not null,
  campaign_type character varying(50) not null,
  description text,
  reasoning text,
  content_prompts jsonb default '[]'::jsonb not null,
  content_templates jsonb default '[]'::jsonb not null,
  content_style character varying(100),
  content_type character varying(50),
  recommended_budget numeric(19,4),
  target_audience jsonb default '{}'::jsonb not null,
  platform_allocation jsonb default '{}'::jsonb not null,
  predicted_ctr double precision,
  predicted_engagement double precision,
  predicted_conversion double precision,
  predicted_roi double precision,
  prediction_intervals jsonb default '{}'::jsonb not null,
  confidence_score double precision,
  implementation_status character varying(30) default 'proposed'::character varying not null,
  implemented_campaign_id uuid,
  implemented_at timestamp with time zone,
  actual_ctr double precision,
  actual_engagement double precision,
  actual_conversion double precision,
  actual_roi double precision,
  method character varying(100),
  basis character varying(30),
  n bigint,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: campaign_stats_daily
create table campaign_stats_daily (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid not null,
  day date not null,
  platform character varying(50) default ''::character varying not null,
  audience character varying(100) default ''::character varying not null,
  template_id uuid,
  impressions bigint default 0 not null,
  clicks bigint default 0 not null,
  conversions bigint default 0 not null,
  revenue numeric(19,4) default 0 not null,
  spend numeric(19,4) default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  engagements bigint
);

--- table: campaigns
create table campaigns (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  name character varying(255) not null,
  description text,
  objective campaignobjectiveenum,
  platform platformpriorityenum,
  status character varying(30) default 'draft'::character varying not null,
  budget numeric(19,4),
  currency character varying(3),
  start_date date,
  end_date date,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: content_slot
create table content_slot (
  site_id character varying(100) not null,
  slot_key character varying(100) not null,
  user_id bigint not null,
  templates jsonb not null,
  policy character varying(30) not null,
  floor_share double precision not null,
  holdout_share double precision not null,
  is_enabled boolean not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null
);

--- table: content_templates
create table content_templates (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  name character varying(255) not null,
  version bigint default 1 not null,
  description text,
  template_type character varying(30) not null,
  category character varying(100),
  base_prompt text not null,
  personalization_variables jsonb default '[]'::jsonb not null,
  style_parameters jsonb default '{}'::jsonb not null,
  usage_count bigint default 0 not null,
  performance_score double precision,
  success_rate double precision,
  target_industries jsonb default '[]'::jsonb not null,
  target_objectives jsonb default '[]'::jsonb not null,
  target_demographics jsonb default '{}'::jsonb not null,
  is_active boolean default true not null,
  is_public boolean default false not null,
  created_by character varying(100),
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: daily_site_metrics
create table daily_site_metrics (
  id bigint default nextval('daily_site_metrics_id_sequence'::regclass) not null,
  site_id character varying(100) not null,
  metric_date date not null,
  unique_visitors integer default 0,
  total_sessions integer default 0,
  total_pageviews integer default 0,
  bounce_rate numeric(5,4),
  avg_session_duration_seconds integer,
  avg_pages_per_session numeric(8,2),
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
  revenue numeric(19,4) default 0
);

--- table: erased_person
create table erased_person (
  site_id character varying(100) not null,
  kind character varying(20) not null,
  id_hash character varying(64) not null,
  erased_at timestamp with time zone not null,
  finished_at timestamp with time zone
);

--- table: etl_cursor
create table etl_cursor (
  name character varying(50) not null,
  "position" bigint not null,
  tick_ms bigint not null,
  arrival_ms bigint not null,
  names_from bigint not null,
  events bigint default 0 not null,
  counted bigint default 0 not null,
  duplicates bigint default 0 not null,
  bots bigint default 0 not null,
  performance bigint default 0 not null,
  late bigint default 0 not null,
  after_end bigint default 0 not null,
  erased bigint default 0 not null,
  damaged bigint default 0 not null,
  decisions bigint default 0 not null,
  other_records bigint default 0 not null,
  sessions bigint default 0 not null,
  sessions_given_up bigint default 0 not null,
  event_ids_given_up bigint default 0 not null
);

--- table: etl_dirty_days
create table etl_dirty_days (
  site_id character varying(100) not null,
  metric_date date not null
);

--- table: etl_dirty_people
create table etl_dirty_people (
  site_id character varying(100) not null,
  person character varying(255) not null,
  "position" bigint not null
);

--- table: etl_event_id_buckets
create table etl_event_id_buckets (
  first_position bigint not null,
  hour bigint not null
);

--- table: etl_procedure_arrival
create table etl_procedure_arrival (
  arrival timestamp with time zone not null
);

--- table: etl_procedure_counts
create table etl_procedure_counts (
  counted_as character varying(20) not null,
  events bigint not null
);

--- table: etl_procedure_event_ids
create table etl_procedure_event_ids (
  site_id character varying(100) not null,
  event_id uuid not null,
  hour bigint not null
);

--- table: etl_procedure_names
create table etl_procedure_names (
  site_id character varying(100) not null,
  stream integer not null,
  client_id character varying(100) not null,
  session_key bigint not null
);

--- table: etl_procedure_worlds
create table etl_procedure_worlds (
  site_id character varying(100) not null,
  stream integer not null,
  watermark timestamp with time zone not null
);

--- table: etl_skipped_events
create table etl_skipped_events (
  id bigint not null,
  site_id character varying(100) not null,
  reason character varying(20) not null,
  skipped_at timestamp with time zone not null
);

--- table: etl_worlds
create table etl_worlds (
  site_id character varying(100) not null,
  stream integer not null,
  watermark_ms bigint not null,
  floor_ms bigint not null,
  ended boolean not null
);

--- table: events_log
create table events_log (
  id bigint default nextval('events_log_id_sequence'::regclass) not null,
  event_id uuid default gen_random_uuid(),
  event_type character varying(50) not null,
  session_id character varying(100),
  visitor_id character varying(100),
  site_id character varying(100) default COALESCE(current_setting('attune.site_id'::text, true), ''::text) not null,
  "timestamp" timestamp with time zone not null,
  url text,
  path character varying(500),
  user_agent text,
  ip_address inet,
  raw_event_data jsonb not null,
  created_at timestamp with time zone default now(),
  processed_at timestamp with time zone,
  user_id character varying(255),
  stream integer default 0 not null,
  is_bot boolean default false not null,
  is_late boolean default false not null,
  client_event_id boolean default false not null
);

--- table: extension_choice
create table extension_choice (
  is_only boolean default true not null,
  extension character varying(20) not null,
  version text not null,
  chosen_at timestamp with time zone default now() not null
);

--- table: feature_flag
create table feature_flag (
  site_id character varying(100) not null,
  flag_key character varying(100) not null,
  description text default ''::text not null,
  value_type character varying(20) not null,
  default_value json not null,
  rules json not null,
  enabled boolean default true not null,
  archived boolean default false not null,
  version bigint default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by character varying(255) default ''::character varying not null
);

--- table: form_submissions
create table form_submissions (
  id bigint default nextval('form_submissions_id_sequence'::regclass) not null,
  session_id character varying(100) not null,
  visitor_id character varying(100) not null,
  site_id character varying(100) not null,
  form_id character varying(100),
  form_action text,
  form_method character varying(10),
  page_url text,
  page_path character varying(500),
  submit_timestamp timestamp with time zone not null,
  field_count integer,
  form_data jsonb
);

--- table: gorse_feedback
create table gorse_feedback (
  site_id character varying(100) not null,
  user_id character varying(255) not null,
  item_id character varying(255) not null,
  feedback_type character varying(255) not null,
  value double precision not null,
  given_at timestamp with time zone not null,
  labels json,
  comment text default ''::text not null,
  updated_at timestamp with time zone not null
);

--- table: gorse_site
create table gorse_site (
  site_id character varying(100) not null,
  feedback_kinds jsonb not null,
  unknown_ids character varying(20) default 'create'::character varying not null,
  updated_at timestamp with time zone not null
);

--- table: gorse_user
create table gorse_user (
  site_id character varying(100) not null,
  user_id character varying(255) not null,
  labels json,
  comment text default ''::text not null,
  deleted_at timestamp with time zone,
  updated_at timestamp with time zone not null
);

--- table: graph_edges
create table graph_edges (
  site_id character varying(100) not null,
  edge_type character varying(30) not null,
  from_type character varying(20) not null,
  from_id character varying(255) not null,
  to_type character varying(20) not null,
  to_id character varying(255) not null,
  weight double precision not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  updated_at timestamp with time zone not null
);

--- table: import_stream
create table import_stream (
  stream integer not null,
  website_id uuid not null,
  kind character varying(50) not null,
  name character varying(255) not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  last_batch bigint default 0 not null,
  events bigint default 0 not null
);

--- table: learning_insights
create table learning_insights (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid,
  insight_type character varying(30) not null,
  category character varying(100),
  title character varying(255) not null,
  description text,
  fingerprint character varying(64) not null,
  baseline_performance jsonb default '{}'::jsonb not null,
  improved_performance jsonb default '{}'::jsonb not null,
  improvement_percentage double precision,
  identified_patterns jsonb default '[]'::jsonb not null,
  contributing_factors jsonb default '[]'::jsonb not null,
  correlations jsonb default '{}'::jsonb not null,
  optimization_suggestions jsonb default '[]'::jsonb not null,
  priority character varying(30) default 'medium'::character varying not null,
  expected_impact double precision,
  confidence_score double precision,
  sample_size bigint,
  period_start date,
  period_end date,
  data_quality double precision,
  implementation_status character varying(30) default 'new'::character varying not null,
  implementation_result jsonb default '{}'::jsonb not null,
  basis character varying(30),
  method character varying(100),
  discovered_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: login
create table login (
  token_hash character varying(64) not null,
  account_id bigint not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null
);

--- table: maintenance_run
create table maintenance_run (
  period character varying(20) not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  succeeded boolean not null,
  detail jsonb not null
);

--- table: meta_user_profiles
create table meta_user_profiles (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  business_size businesssizeenum,
  industry character varying(100),
  website character varying(500),
  years_in_business bigint,
  monthly_budget numeric(19,4),
  budget_range budgetrangeenum,
  primary_objective campaignobjectiveenum,
  secondary_objectives jsonb default '[]'::jsonb not null,
  primary_age_group agegroupenum,
  target_age_groups jsonb default '[]'::jsonb not null,
  target_locations jsonb default '[]'::jsonb not null,
  target_interests jsonb default '[]'::jsonb not null,
  target_behaviors jsonb default '[]'::jsonb not null,
  brand_voice brandvoiceenum,
  content_preference contentpreferenceenum,
  primary_platform platformpriorityenum,
  platform_priorities jsonb default '[]'::jsonb not null,
  brand_colors jsonb default '[]'::jsonb not null,
  roi_focus double precision default 0.5 not null,
  risk_tolerance double precision default 0.5 not null,
  automation_level double precision default 0.5 not null,
  campaign_history jsonb default '{}'::jsonb not null,
  performance_patterns jsonb default '{}'::jsonb not null,
  learned_preferences jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: ml_models
create table ml_models (
  id uuid default gen_random_uuid() not null,
  name character varying(100) not null,
  version character varying(50) not null,
  model_type character varying(50),
  algorithm character varying(100),
  hyperparameters jsonb,
  training_data_period jsonb,
  metrics jsonb,
  artifact_path character varying(500),
  artifact_size_bytes bigint,
  status character varying(20),
  is_active boolean default false,
  trained_at timestamp with time zone,
  deployed_at timestamp with time zone,
  created_at timestamp with time zone default now(),
  website_id uuid not null,
  artifact_sha256 character varying(64)
);

--- table: orders
create table orders (
  id bigint default nextval('order_id_sequence'::regclass) not null,
  site_id character varying(100) not null,
  order_id character varying(255),
  session_id character varying(100) not null,
  visitor_id character varying(100) not null,
  user_id character varying(255),
  order_timestamp timestamp with time zone not null,
  revenue numeric(19,4) default 0 not null,
  currency character varying(3),
  item_count integer default 0 not null
);

--- table: pageviews
create table pageviews (
  id bigint not null,
  session_id character varying(100) not null,
  visitor_id character varying(100) not null,
  site_id character varying(100) not null,
  url text not null,
  path character varying(500) not null,
  title text,
  query_params text,
  hash_fragment character varying(500),
  view_timestamp timestamp with time zone not null,
  time_on_page_seconds integer,
  referrer text,
  internal_referrer boolean default false,
  utm_source character varying(100),
  utm_medium character varying(100),
  utm_campaign character varying(100),
  utm_content character varying(100),
  utm_term character varying(100),
  session_key bigint not null
);

--- table: performance_patterns
create table performance_patterns (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  pattern_type character varying(30) not null,
  name character varying(255) not null,
  description text,
  conditions jsonb default '[]'::jsonb not null,
  condition_hash character varying(64) not null,
  performance_impact double precision,
  frequency double precision,
  confidence_level double precision,
  p_value double precision,
  effect_size double precision,
  campaigns_analyzed bigint,
  period_start date not null,
  period_end date,
  first_observed timestamp with time zone,
  last_observed timestamp with time zone,
  actionable_insights jsonb default '[]'::jsonb not null,
  automation_potential double precision,
  method character varying(100),
  basis character varying(30),
  n bigint,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: personalized_content
create table personalized_content (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid,
  template_id uuid not null,
  content_type character varying(50) not null,
  context_hash character varying(64) not null,
  personalized_prompt text,
  personalization_context jsonb default '{}'::jsonb not null,
  file_path character varying(500),
  file_url character varying(2048),
  file_size bigint,
  content_metadata jsonb default '{}'::jsonb not null,
  variables_used jsonb default '{}'::jsonb not null,
  targeting_configuration jsonb default '{}'::jsonb not null,
  impressions bigint default 0 not null,
  clicks bigint default 0 not null,
  conversions bigint default 0 not null,
  engagement_score double precision,
  performance_vs_template double precision,
  model_used character varying(100) default 'template'::character varying not null,
  generation_ms bigint,
  generation_cost numeric(19,4) default 0 not null,
  quality_score double precision,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: placement
create table placement (
  site_id character varying(100) not null,
  name character varying(100) not null,
  definition jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null
);

--- table: placement_rule
create table placement_rule (
  site_id character varying(100) not null,
  id uuid not null,
  definition jsonb not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null
);

--- table: product
create table product (
  id bigint not null,
  site_id character varying(100) default COALESCE(current_setting('attune.site_id'::text, true), ''::text) not null,
  external_id character varying(255) not null,
  name character varying(500),
  category character varying(255),
  brand character varying(255),
  price numeric(19,4),
  currency character varying(3),
  stock integer,
  url text,
  image_url text,
  hidden boolean default false not null,
  source character varying(20) default 'catalogue'::character varying not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  categories json,
  labels json,
  comment text,
  published_at timestamp with time zone,
  deleted_at timestamp with time zone,
  type character varying(20) default 'product'::character varying not null
);

--- table: profile_parameters
create table profile_parameters (
  site_id character varying(100) not null,
  computed_at timestamp with time zone not null,
  people bigint not null,
  returning_people bigint not null,
  r double precision,
  alpha double precision,
  a double precision,
  b double precision,
  log_likelihood double precision,
  detail character varying(255) not null
);

--- table: profile_prices
create table profile_prices (
  site_id character varying(100) not null,
  category character varying(255) not null,
  price numeric(19,4) not null,
  below double precision not null,
  up_to double precision not null
);

--- table: profile_scope
create table profile_scope (
  site_id character varying(100) not null,
  person character varying(255) not null,
  created_at timestamp with time zone
);

--- table: recommendation_clicks
create table recommendation_clicks (
  recommendation_id uuid not null,
  person_id bigint,
  product_id bigint not null,
  clicked_at timestamp with time zone not null,
  "position" bigint not null,
  decided_at timestamp with time zone not null,
  credited_until timestamp with time zone
);

--- table: recommendation_purchases
create table recommendation_purchases (
  id bigint not null,
  person_id bigint not null,
  product_id bigint not null,
  purchased_at timestamp with time zone not null,
  amount numeric(19,4) not null
);

--- table: recommendations
create table recommendations (
  id uuid default gen_random_uuid() not null,
  session_id uuid not null,
  user_id character varying(255),
  website_id uuid not null,
  recommendation_type character varying(50),
  item_id character varying(255) not null,
  score numeric(5,4),
  rank integer,
  context jsonb,
  strategy character varying(50),
  model_version character varying(50),
  personalization_factors jsonb,
  shown boolean default true,
  clicked boolean default false,
  converted boolean default false,
  revenue numeric(19,4),
  shown_at timestamp with time zone default now(),
  clicked_at timestamp with time zone,
  converted_at timestamp with time zone,
  decision_id uuid not null,
  "position" bigint not null,
  product_id bigint not null,
  person_id bigint,
  decided_at timestamp with time zone not null,
  propensity double precision not null,
  raw_score double precision,
  reason text,
  placement character varying(100),
  session_text character varying(100),
  eligible_count integer,
  eligible_hash character varying(16),
  seed character varying(16),
  matured_at timestamp with time zone
);

--- table: retention_mark
create table retention_mark (
  site_id character varying(100) not null,
  table_name character varying(100) not null,
  action character varying(20) not null,
  before_at timestamp with time zone not null,
  before_id bigint not null,
  row_count bigint not null,
  updated_at timestamp with time zone not null
);

--- table: rl_model_metadata
create table rl_model_metadata (
  id bigint default nextval('rl_model_metadata_id_sequence'::regclass) not null,
  model_name character varying(100) not null,
  algorithm_type character varying(50) not null,
  version character varying(20) not null,
  is_active boolean default false,
  training_date timestamp with time zone,
  performance_metrics jsonb,
  model_path character varying(500),
  created_at timestamp with time zone default now() not null,
  created_by bigint,
  site_id character varying(100) default COALESCE(current_setting('attune.site_id'::text, true), ''::text) not null
);

--- table: saved_group
create table saved_group (
  site_id character varying(100) not null,
  group_key character varying(100) not null,
  description text default ''::text not null,
  members json not null,
  version bigint default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by character varying(255) default ''::character varying not null
);

--- table: schema_migrations
create table schema_migrations (
  number integer not null,
  name character varying(200) not null,
  hash character varying(16) not null,
  applied_at timestamp with time zone default now() not null
);

--- table: sdk_connection
create table sdk_connection (
  site_id character varying(100) not null,
  client_key character varying(100) not null,
  name character varying(255) default ''::character varying not null,
  encrypted boolean not null,
  encryption_key character varying(100) not null,
  version bigint default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by character varying(255) default ''::character varying not null
);

--- table: site_retention
create table site_retention (
  site_id character varying(100) not null,
  table_name character varying(100) not null,
  archive_after_days integer,
  delete_after_days integer,
  updated_at timestamp with time zone not null
);

--- table: site_windows
create table site_windows (
  site_id character varying(100) not null,
  click_window_min integer,
  cart_window_h integer,
  purchase_window_h integer,
  updated_at timestamp with time zone not null
);

--- table: test_exposure
create table test_exposure (
  site_id character varying(100) not null,
  unit_id bigint not null,
  test_key character varying(100) not null,
  visitor_id character varying(255) not null,
  variation_id character varying(100) not null,
  first_at timestamp with time zone not null,
  attributes jsonb not null,
  propensity double precision not null,
  exposures bigint not null,
  is_mixed boolean not null,
  changed_position bigint not null
);

--- table: test_quantile
create table test_quantile (
  site_id character varying(100) not null,
  test_id uuid not null,
  metric character varying(100) not null,
  variation_id character varying(100) not null,
  people double precision not null,
  amounts double precision not null,
  quantile_value double precision not null,
  low_value double precision,
  high_value double precision
);

--- table: test_refresh
create table test_refresh (
  site_id character varying(100) not null,
  test_id uuid not null,
  "position" bigint not null,
  generation bigint not null,
  mixed_units bigint not null,
  refreshed_at timestamp with time zone not null
);

--- table: test_results
create table test_results (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  ab_test_id uuid not null,
  total_impressions bigint default 0 not null,
  total_conversions bigint default 0 not null,
  duration_days double precision,
  p_value double precision,
  effect_size double precision,
  statistical_power double precision,
  winning_variation character varying(100),
  confidence_level double precision,
  significance_status statisticalsignificanceenum default 'Not Significant'::statisticalsignificanceenum not null,
  projected_lift double precision,
  projected_lift_low double precision,
  projected_lift_high double precision,
  estimated_revenue_impact numeric(19,4),
  variation_comparisons jsonb default '[]'::jsonb not null,
  statistical_details jsonb default '{}'::jsonb not null,
  calculated_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: test_scope
create table test_scope (
  site_id character varying(100) not null,
  test_id uuid not null,
  unit_id bigint not null,
  is_fresh boolean not null
);

--- table: test_statistic
create table test_statistic (
  site_id character varying(100) not null,
  test_id uuid not null,
  generation bigint not null,
  metric character varying(100) not null,
  variation_id character varying(100) not null,
  dimension character varying(100) not null,
  dimension_value character varying(255) not null,
  cohort_day date not null,
  units double precision not null,
  y double precision not null,
  yy double precision not null,
  d double precision not null,
  dd double precision not null,
  yd double precision not null,
  x double precision not null,
  xx double precision not null,
  e double precision not null,
  ee double precision not null,
  xe double precision not null,
  yx double precision not null,
  de double precision not null,
  ye double precision not null,
  xd double precision not null
);

--- table: test_unit
create table test_unit (
  site_id character varying(100) not null,
  test_id uuid not null,
  unit_id bigint not null,
  variation_id character varying(100) not null,
  cohort_day date not null,
  attributes jsonb not null
);

--- table: test_unit_metric
create table test_unit_metric (
  site_id character varying(100) not null,
  test_id uuid not null,
  unit_id bigint not null,
  metric character varying(100) not null,
  after_value double precision not null,
  after_denominator double precision not null,
  before_value double precision not null,
  before_denominator double precision not null
);

--- table: test_variations
create table test_variations (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  ab_test_id uuid not null,
  variation_id character varying(100) not null,
  name character varying(255) not null,
  description text,
  traffic_percentage double precision default 50 not null,
  is_control boolean default false not null,
  configuration jsonb default '{}'::jsonb not null,
  impressions bigint default 0 not null,
  clicks bigint default 0 not null,
  conversions bigint default 0 not null,
  revenue numeric(19,4) default 0 not null,
  ctr double precision,
  conversion_rate double precision,
  revenue_per_visitor double precision,
  confidence_interval_low double precision,
  confidence_interval_high double precision,
  statistical_power double precision,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null
);

--- table: user_context_features
create table user_context_features (
  id bigint default nextval('user_context_features_id_sequence'::regclass) not null,
  user_id bigint not null,
  feature_vector jsonb not null,
  last_updated timestamp with time zone default now() not null,
  site_id character varying(100) default COALESCE(current_setting('attune.site_id'::text, true), ''::text) not null
);

--- table: user_events
create table user_events (
  id bigint default nextval('user_events_id_sequence'::regclass) not null,
  session_id character varying(100) not null,
  visitor_id character varying(100) not null,
  site_id character varying(100) not null,
  event_type character varying(50) not null,
  event_timestamp timestamp with time zone not null,
  page_url text,
  page_path character varying(500),
  event_data jsonb,
  element_tag character varying(20),
  element_classes text,
  element_id character varying(100),
  scroll_percentage integer,
  form_id character varying(100)
);

--- table: user_product_interactions
create table user_product_interactions (
  id bigint default nextval('user_product_interactions_id_sequence'::regclass) not null,
  user_id bigint not null,
  product_id bigint not null,
  interaction_type character varying(50) not null,
  session_id character varying(255),
  "timestamp" timestamp with time zone default now() not null,
  context jsonb,
  reward numeric(10,2) default 0.00,
  site_id character varying(100) default COALESCE(current_setting('attune.site_id'::text, true), ''::text) not null,
  visitor_id character varying(100),
  item_id character varying(255),
  quantity numeric(12,3),
  price numeric(19,4),
  decision_id uuid
) partition by RANGE ("timestamp");

--- table: user_profiles
create table user_profiles (
  id uuid default gen_random_uuid() not null,
  user_id character varying(255) not null,
  website_id uuid not null,
  lifecycle_stage character varying(50),
  funnel_position character varying(50),
  session_count integer default 0,
  total_pageviews integer default 0,
  total_events integer default 0,
  total_purchases integer default 0,
  total_revenue numeric(19,4) default 0,
  avg_session_duration integer,
  avg_time_on_page integer,
  avg_scroll_depth integer,
  bounce_rate numeric(5,4),
  favorite_categories jsonb,
  favorite_products jsonb,
  price_sensitivity character varying(20),
  preferred_brands jsonb,
  device_preference character varying(20),
  first_visit timestamp with time zone,
  last_visit timestamp with time zone,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now()
);

--- table: user_sessions
create table user_sessions (
  session_id character varying(100) not null,
  visitor_id character varying(100) not null,
  site_id character varying(100) not null,
  session_start timestamp with time zone not null,
  session_end timestamp with time zone,
  duration_seconds integer,
  pageview_count integer default 0,
  event_count integer default 0,
  bounce boolean default true,
  entry_url text,
  entry_path character varying(500),
  entry_title text,
  exit_url text,
  exit_path character varying(500),
  utm_source character varying(100),
  utm_medium character varying(100),
  utm_campaign character varying(100),
  utm_content character varying(100),
  utm_term character varying(100),
  referrer_type character varying(50),
  referrer_platform character varying(100),
  original_referrer text,
  user_agent text,
  browser_language character varying(10),
  timezone character varying(50),
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio numeric(3,2),
  session_key bigint not null,
  stream integer default 0 not null,
  last_event_at timestamp with time zone not null,
  engaged_count integer default 0 not null,
  browser character varying(100),
  os character varying(100),
  device_type character varying(20),
  country character varying(2),
  user_id character varying(255),
  user_at timestamp with time zone,
  user_position bigint,
  lead_at timestamp with time zone,
  lead_position bigint,
  last_position bigint,
  exit_position bigint,
  exit_at timestamp with time zone
);

--- table: users
create table users (
  id bigint not null,
  site_id character varying(100) default COALESCE(current_setting('attune.site_id'::text, true), ''::text) not null,
  external_id character varying(255) not null,
  is_known boolean default false not null,
  first_seen_at timestamp with time zone,
  created_at timestamp with time zone default now() not null
);

--- table: website
create table website (
  website_id uuid not null,
  site_id character varying(100) not null,
  domain character varying(255) not null,
  name character varying(255) not null,
  timezone character varying(50) default 'UTC'::character varying not null,
  currency character varying(3) default 'EUR'::character varying not null,
  public_key character varying(64),
  allowed_origins jsonb default '[]'::jsonb not null,
  store_ip boolean default true not null,
  rewards jsonb,
  account_id bigint,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone
);

--- constraint: ab_tests.ab_tests_account_fkey
alter table ab_tests add constraint ab_tests_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: ab_tests.ab_tests_campaign_fkey
alter table ab_tests add constraint ab_tests_campaign_fkey FOREIGN KEY (user_id, campaign_id) REFERENCES campaigns(user_id, id) ON DELETE SET NULL (campaign_id);

--- constraint: ab_tests.ab_tests_confidence_threshold_check
alter table ab_tests add constraint ab_tests_confidence_threshold_check CHECK (((confidence_threshold > (0.5)::double precision) AND (confidence_threshold < (1)::double precision)));

--- constraint: ab_tests.ab_tests_dates_check
alter table ab_tests add constraint ab_tests_dates_check CHECK ((end_date >= start_date));

--- constraint: ab_tests.ab_tests_name_key
alter table ab_tests add constraint ab_tests_name_key UNIQUE (user_id, name);

--- constraint: ab_tests.ab_tests_pkey
alter table ab_tests add constraint ab_tests_pkey PRIMARY KEY (user_id, id);

--- constraint: ab_tests.ab_tests_profile_fkey
alter table ab_tests add constraint ab_tests_profile_fkey FOREIGN KEY (user_id) REFERENCES meta_user_profiles(user_id);

--- constraint: ab_tests.ab_tests_sample_size_check
alter table ab_tests add constraint ab_tests_sample_size_check CHECK ((sample_size > 0));

--- constraint: ab_tests.ab_tests_seed_key
alter table ab_tests add constraint ab_tests_seed_key UNIQUE (user_id, seed);

--- constraint: account.account_name_key
alter table account add constraint account_name_key UNIQUE (name);

--- constraint: account.account_pkey
alter table account add constraint account_pkey PRIMARY KEY (id);

--- constraint: account.account_role_check
alter table account add constraint account_role_check CHECK (((role)::text = ANY ((ARRAY['admin'::character varying, 'marketer'::character varying, 'experimenter'::character varying, 'viewer'::character varying])::text[])));

--- constraint: api_key.api_key_check
alter table api_key add constraint api_key_check CHECK (((website_id IS NOT NULL) OR ((scope)::text = 'admin'::text)));

--- constraint: api_key.api_key_pkey
alter table api_key add constraint api_key_pkey PRIMARY KEY (id);

--- constraint: api_key.api_key_scope_check
alter table api_key add constraint api_key_scope_check CHECK (((scope)::text = ANY ((ARRAY['read'::character varying, 'write'::character varying, 'admin'::character varying])::text[])));

--- constraint: archive_file.archive_file_pkey
alter table archive_file add constraint archive_file_pkey PRIMARY KEY (file);

--- constraint: audit_log.audit_log_actor_kind_check
alter table audit_log add constraint audit_log_actor_kind_check CHECK (((actor_kind)::text = ANY ((ARRAY['login'::character varying, 'key'::character varying, 'owner'::character varying])::text[])));

--- constraint: audit_log.audit_log_pkey
alter table audit_log add constraint audit_log_pkey PRIMARY KEY (id);

--- constraint: campaign_personalization_settings.campaign_personalization_settings_account_fkey
alter table campaign_personalization_settings add constraint campaign_personalization_settings_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: campaign_personalization_settings.campaign_personalization_settings_campaign_fkey
alter table campaign_personalization_settings add constraint campaign_personalization_settings_campaign_fkey FOREIGN KEY (user_id, campaign_id) REFERENCES campaigns(user_id, id) ON DELETE CASCADE;

--- constraint: campaign_personalization_settings.campaign_personalization_settings_campaign_key
alter table campaign_personalization_settings add constraint campaign_personalization_settings_campaign_key UNIQUE (user_id, campaign_id);

--- constraint: campaign_personalization_settings.campaign_personalization_settings_pkey
alter table campaign_personalization_settings add constraint campaign_personalization_settings_pkey PRIMARY KEY (user_id, id);

--- constraint: campaign_recommendations.campaign_recommendations_account_fkey
alter table campaign_recommendations add constraint campaign_recommendations_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: campaign_recommendations.campaign_recommendations_confidence_score_check
alter table campaign_recommendations add constraint campaign_recommendations_confidence_score_check CHECK (((confidence_score >= (0)::double precision) AND (confidence_score <= (1)::double precision)));

--- constraint: campaign_recommendations.campaign_recommendations_implemented_campaign_fkey
alter table campaign_recommendations add constraint campaign_recommendations_implemented_campaign_fkey FOREIGN KEY (user_id, implemented_campaign_id) REFERENCES campaigns(user_id, id) ON DELETE SET NULL (implemented_campaign_id);

--- constraint: campaign_recommendations.campaign_recommendations_name_key
alter table campaign_recommendations add constraint campaign_recommendations_name_key UNIQUE (user_id, name, created_at);

--- constraint: campaign_recommendations.campaign_recommendations_pkey
alter table campaign_recommendations add constraint campaign_recommendations_pkey PRIMARY KEY (user_id, id);

--- constraint: campaign_recommendations.campaign_recommendations_predicted_ctr_check
alter table campaign_recommendations add constraint campaign_recommendations_predicted_ctr_check CHECK (((predicted_ctr >= (0)::double precision) AND (predicted_ctr <= (1)::double precision)));

--- constraint: campaign_recommendations.campaign_recommendations_profile_fkey
alter table campaign_recommendations add constraint campaign_recommendations_profile_fkey FOREIGN KEY (user_id) REFERENCES meta_user_profiles(user_id);

--- constraint: campaign_recommendations.campaign_recommendations_recommended_budget_check
alter table campaign_recommendations add constraint campaign_recommendations_recommended_budget_check CHECK ((recommended_budget > (0)::numeric));

--- constraint: campaign_stats_daily.campaign_stats_daily_account_fkey
alter table campaign_stats_daily add constraint campaign_stats_daily_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: campaign_stats_daily.campaign_stats_daily_campaign_fkey
alter table campaign_stats_daily add constraint campaign_stats_daily_campaign_fkey FOREIGN KEY (user_id, campaign_id) REFERENCES campaigns(user_id, id) ON DELETE CASCADE;

--- constraint: campaign_stats_daily.campaign_stats_daily_clicks_check
alter table campaign_stats_daily add constraint campaign_stats_daily_clicks_check CHECK ((clicks <= impressions));

--- constraint: campaign_stats_daily.campaign_stats_daily_counts_check
alter table campaign_stats_daily add constraint campaign_stats_daily_counts_check CHECK (((impressions >= 0) AND (clicks >= 0) AND (conversions >= 0) AND (revenue >= (0)::numeric) AND (spend >= (0)::numeric)));

--- constraint: campaign_stats_daily.campaign_stats_daily_day_key
alter table campaign_stats_daily add constraint campaign_stats_daily_day_key UNIQUE NULLS NOT DISTINCT (user_id, campaign_id, day, platform, audience, template_id);

--- constraint: campaign_stats_daily.campaign_stats_daily_engagements_check
alter table campaign_stats_daily add constraint campaign_stats_daily_engagements_check CHECK ((engagements >= 0));

--- constraint: campaign_stats_daily.campaign_stats_daily_pkey
alter table campaign_stats_daily add constraint campaign_stats_daily_pkey PRIMARY KEY (user_id, id);

--- constraint: campaign_stats_daily.campaign_stats_daily_template_fkey
alter table campaign_stats_daily add constraint campaign_stats_daily_template_fkey FOREIGN KEY (user_id, template_id) REFERENCES content_templates(user_id, id);

--- constraint: campaigns.campaigns_account_fkey
alter table campaigns add constraint campaigns_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: campaigns.campaigns_budget_check
alter table campaigns add constraint campaigns_budget_check CHECK ((budget >= (0)::numeric));

--- constraint: campaigns.campaigns_dates_check
alter table campaigns add constraint campaigns_dates_check CHECK ((end_date >= start_date));

--- constraint: campaigns.campaigns_name_key
alter table campaigns add constraint campaigns_name_key UNIQUE (user_id, name);

--- constraint: campaigns.campaigns_pkey
alter table campaigns add constraint campaigns_pkey PRIMARY KEY (user_id, id);

--- constraint: content_slot.content_slot_pkey
alter table content_slot add constraint content_slot_pkey PRIMARY KEY (site_id, slot_key);

--- constraint: content_templates.content_templates_account_fkey
alter table content_templates add constraint content_templates_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: content_templates.content_templates_name_key
alter table content_templates add constraint content_templates_name_key UNIQUE (user_id, name, version);

--- constraint: content_templates.content_templates_performance_score_check
alter table content_templates add constraint content_templates_performance_score_check CHECK (((performance_score >= (0)::double precision) AND (performance_score <= (1)::double precision)));

--- constraint: content_templates.content_templates_pkey
alter table content_templates add constraint content_templates_pkey PRIMARY KEY (user_id, id);

--- constraint: daily_site_metrics.daily_site_metrics_site_id_metric_date_key
alter table daily_site_metrics add constraint daily_site_metrics_site_id_metric_date_key UNIQUE (site_id, metric_date);

--- constraint: erased_person.erased_person_kind_check
alter table erased_person add constraint erased_person_kind_check CHECK (((kind)::text = ANY ((ARRAY['site'::character varying, 'visitor'::character varying, 'anonymous'::character varying, 'user'::character varying])::text[])));

--- constraint: erased_person.erased_person_pkey
alter table erased_person add constraint erased_person_pkey PRIMARY KEY (site_id, kind, id_hash);

--- constraint: etl_cursor.etl_cursor_pkey
alter table etl_cursor add constraint etl_cursor_pkey PRIMARY KEY (name);

--- constraint: etl_procedure_counts.etl_procedure_counts_pkey
alter table etl_procedure_counts add constraint etl_procedure_counts_pkey PRIMARY KEY (counted_as);

--- constraint: etl_procedure_event_ids.etl_procedure_event_ids_pkey
alter table etl_procedure_event_ids add constraint etl_procedure_event_ids_pkey PRIMARY KEY (site_id, event_id);

--- constraint: etl_procedure_names.etl_procedure_names_pkey
alter table etl_procedure_names add constraint etl_procedure_names_pkey PRIMARY KEY (site_id, stream, client_id);

--- constraint: etl_procedure_worlds.etl_procedure_worlds_pkey
alter table etl_procedure_worlds add constraint etl_procedure_worlds_pkey PRIMARY KEY (site_id, stream);

--- constraint: events_log.events_log_pkey
alter table events_log add constraint events_log_pkey PRIMARY KEY (site_id, "timestamp", id);

--- constraint: extension_choice.extension_choice_extension_check
alter table extension_choice add constraint extension_choice_extension_check CHECK (((extension)::text = ANY ((ARRAY['timescaledb'::character varying, 'citus'::character varying, 'age'::character varying])::text[])));

--- constraint: extension_choice.extension_choice_is_only_check
alter table extension_choice add constraint extension_choice_is_only_check CHECK (is_only);

--- constraint: extension_choice.extension_choice_pkey
alter table extension_choice add constraint extension_choice_pkey PRIMARY KEY (is_only);

--- constraint: feature_flag.feature_flag_pkey
alter table feature_flag add constraint feature_flag_pkey PRIMARY KEY (site_id, flag_key);

--- constraint: feature_flag.feature_flag_value_type_check
alter table feature_flag add constraint feature_flag_value_type_check CHECK (((value_type)::text = ANY ((ARRAY['boolean'::character varying, 'string'::character varying, 'number'::character varying, 'json'::character varying])::text[])));

--- constraint: feature_flag.feature_flag_version_check
alter table feature_flag add constraint feature_flag_version_check CHECK ((version >= 1));

--- constraint: form_submissions.form_submissions_pkey
alter table form_submissions add constraint form_submissions_pkey PRIMARY KEY (site_id, submit_timestamp, id);

--- constraint: gorse_feedback.gorse_feedback_pkey
alter table gorse_feedback add constraint gorse_feedback_pkey PRIMARY KEY (site_id, user_id, item_id, feedback_type);

--- constraint: gorse_site.gorse_site_pkey
alter table gorse_site add constraint gorse_site_pkey PRIMARY KEY (site_id);

--- constraint: gorse_site.gorse_site_unknown_ids_check
alter table gorse_site add constraint gorse_site_unknown_ids_check CHECK (((unknown_ids)::text = ANY ((ARRAY['create'::character varying, 'reject'::character varying])::text[])));

--- constraint: gorse_user.gorse_user_pkey
alter table gorse_user add constraint gorse_user_pkey PRIMARY KEY (site_id, user_id);

--- constraint: graph_edges.graph_edges_edge_type_check
alter table graph_edges add constraint graph_edges_edge_type_check CHECK (((edge_type)::text = ANY ((ARRAY['VIEWED'::character varying, 'ADDED_TO_CART'::character varying, 'PURCHASED'::character varying, 'SEARCHED_FOR'::character varying, 'NAVIGATED_TO'::character varying, 'BOUGHT_TOGETHER'::character varying, 'VIEWED_TOGETHER'::character varying, 'IN_CATEGORY'::character varying, 'SEMANTICALLY_SIMILAR'::character varying])::text[])));

--- constraint: graph_edges.graph_edges_from_type_check
alter table graph_edges add constraint graph_edges_from_type_check CHECK (((from_type)::text = ANY ((ARRAY['User'::character varying, 'Product'::character varying, 'Category'::character varying, 'Page'::character varying, 'Event'::character varying])::text[])));

--- constraint: graph_edges.graph_edges_pkey
alter table graph_edges add constraint graph_edges_pkey PRIMARY KEY (site_id, edge_type, from_id, to_id);

--- constraint: graph_edges.graph_edges_to_type_check
alter table graph_edges add constraint graph_edges_to_type_check CHECK (((to_type)::text = ANY ((ARRAY['User'::character varying, 'Product'::character varying, 'Category'::character varying, 'Page'::character varying, 'Event'::character varying])::text[])));

--- constraint: import_stream.import_stream_pkey
alter table import_stream add constraint import_stream_pkey PRIMARY KEY (stream);

--- constraint: learning_insights.learning_insights_account_fkey
alter table learning_insights add constraint learning_insights_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: learning_insights.learning_insights_campaign_fkey
alter table learning_insights add constraint learning_insights_campaign_fkey FOREIGN KEY (user_id, campaign_id) REFERENCES campaigns(user_id, id) ON DELETE SET NULL (campaign_id);

--- constraint: learning_insights.learning_insights_fingerprint_key
alter table learning_insights add constraint learning_insights_fingerprint_key UNIQUE (user_id, fingerprint);

--- constraint: learning_insights.learning_insights_pkey
alter table learning_insights add constraint learning_insights_pkey PRIMARY KEY (user_id, id);

--- constraint: learning_insights.learning_insights_profile_fkey
alter table learning_insights add constraint learning_insights_profile_fkey FOREIGN KEY (user_id) REFERENCES meta_user_profiles(user_id);

--- constraint: login.login_pkey
alter table login add constraint login_pkey PRIMARY KEY (token_hash);

--- constraint: maintenance_run.maintenance_run_period_check
alter table maintenance_run add constraint maintenance_run_period_check CHECK (((period)::text = ANY ((ARRAY['daily'::character varying, 'weekly'::character varying, 'monthly'::character varying])::text[])));

--- constraint: maintenance_run.maintenance_run_pkey
alter table maintenance_run add constraint maintenance_run_pkey PRIMARY KEY (period);

--- constraint: meta_user_profiles.meta_user_profiles_account_fkey
alter table meta_user_profiles add constraint meta_user_profiles_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: meta_user_profiles.meta_user_profiles_account_key
alter table meta_user_profiles add constraint meta_user_profiles_account_key UNIQUE (user_id);

--- constraint: meta_user_profiles.meta_user_profiles_automation_level_check
alter table meta_user_profiles add constraint meta_user_profiles_automation_level_check CHECK (((automation_level >= (0)::double precision) AND (automation_level <= (1)::double precision)));

--- constraint: meta_user_profiles.meta_user_profiles_monthly_budget_check
alter table meta_user_profiles add constraint meta_user_profiles_monthly_budget_check CHECK ((monthly_budget >= (0)::numeric));

--- constraint: meta_user_profiles.meta_user_profiles_pkey
alter table meta_user_profiles add constraint meta_user_profiles_pkey PRIMARY KEY (user_id, id);

--- constraint: meta_user_profiles.meta_user_profiles_risk_tolerance_check
alter table meta_user_profiles add constraint meta_user_profiles_risk_tolerance_check CHECK (((risk_tolerance >= (0)::double precision) AND (risk_tolerance <= (1)::double precision)));

--- constraint: ml_models.ml_models_pkey
alter table ml_models add constraint ml_models_pkey PRIMARY KEY (id);

--- constraint: ml_models.ml_models_status_check
alter table ml_models add constraint ml_models_status_check CHECK (((status)::text = ANY ((ARRAY['training'::character varying, 'validating'::character varying, 'production'::character varying, 'archived'::character varying])::text[])));

--- constraint: ml_models.ml_models_website_id_fkey
alter table ml_models add constraint ml_models_website_id_fkey FOREIGN KEY (website_id) REFERENCES website(website_id) ON DELETE CASCADE;

--- constraint: ml_models.ml_models_website_id_name_version_key
alter table ml_models add constraint ml_models_website_id_name_version_key UNIQUE (website_id, name, version);

--- constraint: orders.orders_pkey
alter table orders add constraint orders_pkey PRIMARY KEY (site_id, order_timestamp, id);

--- constraint: pageviews.pageviews_pkey
alter table pageviews add constraint pageviews_pkey PRIMARY KEY (id, site_id, view_timestamp);

--- constraint: performance_patterns.performance_patterns_account_fkey
alter table performance_patterns add constraint performance_patterns_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: performance_patterns.performance_patterns_condition_key
alter table performance_patterns add constraint performance_patterns_condition_key UNIQUE (user_id, condition_hash, period_start);

--- constraint: performance_patterns.performance_patterns_pkey
alter table performance_patterns add constraint performance_patterns_pkey PRIMARY KEY (user_id, id);

--- constraint: personalized_content.personalized_content_account_fkey
alter table personalized_content add constraint personalized_content_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: personalized_content.personalized_content_campaign_fkey
alter table personalized_content add constraint personalized_content_campaign_fkey FOREIGN KEY (user_id, campaign_id) REFERENCES campaigns(user_id, id) ON DELETE SET NULL (campaign_id);

--- constraint: personalized_content.personalized_content_context_key
alter table personalized_content add constraint personalized_content_context_key UNIQUE (user_id, template_id, campaign_id, context_hash);

--- constraint: personalized_content.personalized_content_pkey
alter table personalized_content add constraint personalized_content_pkey PRIMARY KEY (user_id, id);

--- constraint: personalized_content.personalized_content_quality_score_check
alter table personalized_content add constraint personalized_content_quality_score_check CHECK (((quality_score >= (0)::double precision) AND (quality_score <= (1)::double precision)));

--- constraint: personalized_content.personalized_content_template_fkey
alter table personalized_content add constraint personalized_content_template_fkey FOREIGN KEY (user_id, template_id) REFERENCES content_templates(user_id, id) ON DELETE CASCADE;

--- constraint: placement.placement_pkey
alter table placement add constraint placement_pkey PRIMARY KEY (site_id, name);

--- constraint: placement_rule.placement_rule_pkey
alter table placement_rule add constraint placement_rule_pkey PRIMARY KEY (site_id, id);

--- constraint: product.product_pkey
alter table product add constraint product_pkey PRIMARY KEY (site_id, id);

--- constraint: product.product_source_check
alter table product add constraint product_source_check CHECK (((source)::text = ANY ((ARRAY['catalogue'::character varying, 'event'::character varying])::text[])));

--- constraint: product.product_type_check
alter table product add constraint product_type_check CHECK (((type)::text = ANY ((ARRAY['product'::character varying, 'content'::character varying, 'offer'::character varying])::text[])));

--- constraint: profile_parameters.profile_parameters_pkey
alter table profile_parameters add constraint profile_parameters_pkey PRIMARY KEY (site_id);

--- constraint: recommendations.fk_recommendations_website
alter table recommendations add constraint fk_recommendations_website FOREIGN KEY (website_id) REFERENCES website(website_id) ON DELETE CASCADE;

--- constraint: recommendations.recommendations_pkey
alter table recommendations add constraint recommendations_pkey PRIMARY KEY (id, website_id, decided_at);

--- constraint: retention_mark.retention_mark_action_check
alter table retention_mark add constraint retention_mark_action_check CHECK (((action)::text = ANY ((ARRAY['removed'::character varying, 'archived'::character varying])::text[])));

--- constraint: retention_mark.retention_mark_pkey
alter table retention_mark add constraint retention_mark_pkey PRIMARY KEY (site_id, table_name, action, before_at, before_id);

--- constraint: rl_model_metadata.rl_model_metadata_algorithm_check
alter table rl_model_metadata add constraint rl_model_metadata_algorithm_check CHECK (((algorithm_type)::text = ANY ((ARRAY['LINUCB'::character varying, 'THOMPSON_SAMPLING'::character varying, 'DQN'::character varying])::text[])));

--- constraint: rl_model_metadata.rl_model_metadata_pkey
alter table rl_model_metadata add constraint rl_model_metadata_pkey PRIMARY KEY (site_id, id);

--- constraint: rl_model_metadata.unique_model_version
alter table rl_model_metadata add constraint unique_model_version UNIQUE (site_id, model_name, version);

--- constraint: saved_group.saved_group_pkey
alter table saved_group add constraint saved_group_pkey PRIMARY KEY (site_id, group_key);

--- constraint: saved_group.saved_group_version_check
alter table saved_group add constraint saved_group_version_check CHECK ((version >= 1));

--- constraint: schema_migrations.schema_migrations_pkey
alter table schema_migrations add constraint schema_migrations_pkey PRIMARY KEY (number);

--- constraint: sdk_connection.sdk_connection_pkey
alter table sdk_connection add constraint sdk_connection_pkey PRIMARY KEY (site_id, client_key);

--- constraint: sdk_connection.sdk_connection_version_check
alter table sdk_connection add constraint sdk_connection_version_check CHECK ((version >= 1));

--- constraint: site_retention.site_retention_archive_after_days_check
alter table site_retention add constraint site_retention_archive_after_days_check CHECK ((archive_after_days > 0));

--- constraint: site_retention.site_retention_delete_after_days_check
alter table site_retention add constraint site_retention_delete_after_days_check CHECK ((delete_after_days > 0));

--- constraint: site_retention.site_retention_pkey
alter table site_retention add constraint site_retention_pkey PRIMARY KEY (site_id, table_name);

--- constraint: site_retention.site_retention_table_name_check
alter table site_retention add constraint site_retention_table_name_check CHECK (((table_name)::text = ANY ((ARRAY['events_log'::character varying, 'user_product_interactions'::character varying])::text[])));

--- constraint: site_windows.site_windows_cart_check
alter table site_windows add constraint site_windows_cart_check CHECK (((cart_window_h >= 1) AND (cart_window_h <= 2160)));

--- constraint: site_windows.site_windows_click_check
alter table site_windows add constraint site_windows_click_check CHECK (((click_window_min >= 1) AND (click_window_min <= 1440)));

--- constraint: site_windows.site_windows_pkey
alter table site_windows add constraint site_windows_pkey PRIMARY KEY (site_id);

--- constraint: site_windows.site_windows_purchase_check
alter table site_windows add constraint site_windows_purchase_check CHECK (((purchase_window_h >= 1) AND (purchase_window_h <= 2160)));

--- constraint: test_exposure.test_exposure_pkey
alter table test_exposure add constraint test_exposure_pkey PRIMARY KEY (site_id, unit_id);

--- constraint: test_refresh.test_refresh_pkey
alter table test_refresh add constraint test_refresh_pkey PRIMARY KEY (site_id, test_id);

--- constraint: test_results.test_results_ab_test_fkey
alter table test_results add constraint test_results_ab_test_fkey FOREIGN KEY (user_id, ab_test_id) REFERENCES ab_tests(user_id, id) ON DELETE CASCADE;

--- constraint: test_results.test_results_account_fkey
alter table test_results add constraint test_results_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: test_results.test_results_calculated_at_key
alter table test_results add constraint test_results_calculated_at_key UNIQUE (user_id, ab_test_id, calculated_at);

--- constraint: test_results.test_results_p_value_check
alter table test_results add constraint test_results_p_value_check CHECK (((p_value >= (0)::double precision) AND (p_value <= (1)::double precision)));

--- constraint: test_results.test_results_pkey
alter table test_results add constraint test_results_pkey PRIMARY KEY (user_id, id);

--- constraint: test_variations.test_variations_ab_test_fkey
alter table test_variations add constraint test_variations_ab_test_fkey FOREIGN KEY (user_id, ab_test_id) REFERENCES ab_tests(user_id, id) ON DELETE CASCADE;

--- constraint: test_variations.test_variations_account_fkey
alter table test_variations add constraint test_variations_account_fkey FOREIGN KEY (user_id) REFERENCES account(id) ON DELETE CASCADE;

--- constraint: test_variations.test_variations_exposure_check
alter table test_variations add constraint test_variations_exposure_check CHECK (((impressions >= 0) AND (clicks >= 0)));

--- constraint: test_variations.test_variations_name_key
alter table test_variations add constraint test_variations_name_key UNIQUE (user_id, ab_test_id, name);

--- constraint: test_variations.test_variations_outcome_check
alter table test_variations add constraint test_variations_outcome_check CHECK (((conversions >= 0) AND (revenue >= (0)::numeric)));

--- constraint: test_variations.test_variations_pkey
alter table test_variations add constraint test_variations_pkey PRIMARY KEY (user_id, id);

--- constraint: test_variations.test_variations_traffic_percentage_check
alter table test_variations add constraint test_variations_traffic_percentage_check CHECK (((traffic_percentage > (0)::double precision) AND (traffic_percentage <= (100)::double precision)));

--- constraint: test_variations.test_variations_variation_key
alter table test_variations add constraint test_variations_variation_key UNIQUE (user_id, ab_test_id, variation_id);

--- constraint: user_context_features.fk_user_context_features_users
alter table user_context_features add constraint fk_user_context_features_users FOREIGN KEY (site_id, user_id) REFERENCES users(site_id, id) ON DELETE CASCADE;

--- constraint: user_context_features.user_context_features_pkey
alter table user_context_features add constraint user_context_features_pkey PRIMARY KEY (site_id, id);

--- constraint: user_context_features.user_context_features_user_key
alter table user_context_features add constraint user_context_features_user_key UNIQUE (site_id, user_id);

--- constraint: user_events.user_events_pkey
alter table user_events add constraint user_events_pkey PRIMARY KEY (site_id, event_timestamp, id);

--- constraint: user_product_interactions.fk_user_product_interactions_product
alter table user_product_interactions add constraint fk_user_product_interactions_product FOREIGN KEY (site_id, product_id) REFERENCES product(site_id, id) ON DELETE CASCADE;

--- constraint: user_product_interactions.fk_user_product_interactions_users
alter table user_product_interactions add constraint fk_user_product_interactions_users FOREIGN KEY (site_id, user_id) REFERENCES users(site_id, id) ON DELETE CASCADE;

--- constraint: user_product_interactions.user_product_interactions_pkey
alter table user_product_interactions add constraint user_product_interactions_pkey PRIMARY KEY (site_id, "timestamp", id);

--- constraint: user_product_interactions.user_product_interactions_type_check
alter table user_product_interactions add constraint user_product_interactions_type_check CHECK (((interaction_type)::text = ANY ((ARRAY['VIEW'::character varying, 'CLICK'::character varying, 'CART_ADD'::character varying, 'PURCHASE'::character varying, 'WISHLIST'::character varying, 'REMOVE_CART'::character varying, 'REMOVE_WISHLIST'::character varying])::text[])));

--- constraint: user_profiles.fk_user_profiles_website
alter table user_profiles add constraint fk_user_profiles_website FOREIGN KEY (website_id) REFERENCES website(website_id) ON DELETE CASCADE;

--- constraint: user_profiles.user_profiles_device_check
alter table user_profiles add constraint user_profiles_device_check CHECK (((device_preference)::text = ANY ((ARRAY['mobile'::character varying, 'tablet'::character varying, 'desktop'::character varying])::text[])));

--- constraint: user_profiles.user_profiles_funnel_check
alter table user_profiles add constraint user_profiles_funnel_check CHECK (((funnel_position)::text = ANY ((ARRAY['awareness'::character varying, 'consideration'::character varying, 'decision'::character varying, 'retention'::character varying])::text[])));

--- constraint: user_profiles.user_profiles_lifecycle_check
alter table user_profiles add constraint user_profiles_lifecycle_check CHECK (((lifecycle_stage)::text = ANY ((ARRAY['new'::character varying, 'active'::character varying, 'at_risk'::character varying, 'churned'::character varying])::text[])));

--- constraint: user_profiles.user_profiles_pkey
alter table user_profiles add constraint user_profiles_pkey PRIMARY KEY (website_id, id);

--- constraint: user_profiles.user_profiles_price_check
alter table user_profiles add constraint user_profiles_price_check CHECK (((price_sensitivity)::text = ANY ((ARRAY['low'::character varying, 'medium'::character varying, 'high'::character varying])::text[])));

--- constraint: user_profiles.user_profiles_user_key
alter table user_profiles add constraint user_profiles_user_key UNIQUE (website_id, user_id);

--- constraint: user_sessions.user_sessions_pkey
alter table user_sessions add constraint user_sessions_pkey PRIMARY KEY (session_key, site_id);

--- constraint: users.users_pkey
alter table users add constraint users_pkey PRIMARY KEY (site_id, id);

--- constraint: website.website_check
alter table website add constraint website_check CHECK (((site_id)::text = (website_id)::text));

--- constraint: website.website_pkey
alter table website add constraint website_pkey PRIMARY KEY (website_id);

--- constraint: website.website_site_id_key
alter table website add constraint website_site_id_key UNIQUE (site_id);

--- index: idx_ab_tests_significance_status
CREATE INDEX idx_ab_tests_significance_status ON ab_tests USING btree (significance_status);

--- index: idx_ab_tests_start_date
CREATE INDEX idx_ab_tests_start_date ON ab_tests USING btree (start_date);

--- index: idx_ab_tests_status
CREATE INDEX idx_ab_tests_status ON ab_tests USING btree (status);

--- index: idx_ab_tests_test_type
CREATE INDEX idx_ab_tests_test_type ON ab_tests USING btree (test_type);

--- index: idx_ab_tests_user_id
CREATE INDEX idx_ab_tests_user_id ON ab_tests USING btree (user_id);

--- index: idx_ab_tests_user_id_status
CREATE INDEX idx_ab_tests_user_id_status ON ab_tests USING btree (user_id, status);

--- index: idx_algorithm_active
CREATE INDEX idx_algorithm_active ON rl_model_metadata USING btree (algorithm_type, is_active);

--- index: idx_campaign_personalization_settings_auto_optimization_enabled
CREATE INDEX idx_campaign_personalization_settings_auto_optimization_enabled ON campaign_personalization_settings USING btree (auto_optimization_enabled);

--- index: idx_campaign_personalization_settings_campaign_id
CREATE INDEX idx_campaign_personalization_settings_campaign_id ON campaign_personalization_settings USING btree (campaign_id);

--- index: idx_campaign_personalization_settings_personalization_level
CREATE INDEX idx_campaign_personalization_settings_personalization_level ON campaign_personalization_settings USING btree (personalization_level);

--- index: idx_campaign_personalization_settings_user_id
CREATE INDEX idx_campaign_personalization_settings_user_id ON campaign_personalization_settings USING btree (user_id);

--- index: idx_campaign_recommendations_campaign_type
CREATE INDEX idx_campaign_recommendations_campaign_type ON campaign_recommendations USING btree (campaign_type);

--- index: idx_campaign_recommendations_confidence_score
CREATE INDEX idx_campaign_recommendations_confidence_score ON campaign_recommendations USING btree (confidence_score);

--- index: idx_campaign_recommendations_created_at
CREATE INDEX idx_campaign_recommendations_created_at ON campaign_recommendations USING btree (created_at);

--- index: idx_campaign_recommendations_implementation_status
CREATE INDEX idx_campaign_recommendations_implementation_status ON campaign_recommendations USING btree (implementation_status);

--- index: idx_campaign_recommendations_user_id
CREATE INDEX idx_campaign_recommendations_user_id ON campaign_recommendations USING btree (user_id);

--- index: idx_content_templates_category
CREATE INDEX idx_content_templates_category ON content_templates USING btree (category);

--- index: idx_content_templates_is_active
CREATE INDEX idx_content_templates_is_active ON content_templates USING btree (is_active);

--- index: idx_content_templates_is_public
CREATE INDEX idx_content_templates_is_public ON content_templates USING btree (is_public);

--- index: idx_content_templates_performance_score
CREATE INDEX idx_content_templates_performance_score ON content_templates USING btree (performance_score);

--- index: idx_content_templates_template_type
CREATE INDEX idx_content_templates_template_type ON content_templates USING btree (template_type);

--- index: idx_content_templates_usage_count
CREATE INDEX idx_content_templates_usage_count ON content_templates USING btree (usage_count);

--- index: idx_content_templates_user_id
CREATE INDEX idx_content_templates_user_id ON content_templates USING btree (user_id);

--- index: idx_etl_dirty_people
CREATE INDEX idx_etl_dirty_people ON etl_dirty_people USING btree (site_id, person);

--- index: idx_events_log_client_event
CREATE INDEX idx_events_log_client_event ON events_log USING btree (id) WHERE client_event_id;

--- index: idx_events_log_event_type
CREATE INDEX idx_events_log_event_type ON events_log USING btree (event_type);

--- index: idx_events_log_processed
CREATE INDEX idx_events_log_processed ON events_log USING btree (processed_at);

--- index: idx_events_log_raw_data_gin
CREATE INDEX idx_events_log_raw_data_gin ON events_log USING gin (raw_event_data);

--- index: idx_events_log_session
CREATE INDEX idx_events_log_session ON events_log USING btree (session_id);

--- index: idx_events_log_site_created
CREATE INDEX idx_events_log_site_created ON events_log USING btree (site_id, created_at);

--- index: idx_events_log_timestamp
CREATE INDEX idx_events_log_timestamp ON events_log USING btree ("timestamp");

--- index: idx_events_log_unprocessed
CREATE INDEX idx_events_log_unprocessed ON events_log USING btree (id) WHERE (processed_at IS NULL);

--- index: idx_gorse_feedback_item
CREATE INDEX idx_gorse_feedback_item ON gorse_feedback USING btree (site_id, item_id);

--- index: idx_gorse_feedback_type
CREATE INDEX idx_gorse_feedback_type ON gorse_feedback USING btree (site_id, feedback_type, user_id, item_id);

--- index: idx_graph_edges_to
CREATE INDEX idx_graph_edges_to ON graph_edges USING btree (site_id, edge_type, to_id);

--- index: idx_interaction_type
CREATE INDEX idx_interaction_type ON ONLY user_product_interactions USING btree (interaction_type);

--- index: idx_last_updated
CREATE INDEX idx_last_updated ON user_context_features USING btree (last_updated);

--- index: idx_learning_insights_confidence_score
CREATE INDEX idx_learning_insights_confidence_score ON learning_insights USING btree (confidence_score);

--- index: idx_learning_insights_discovered_at
CREATE INDEX idx_learning_insights_discovered_at ON learning_insights USING btree (discovered_at);

--- index: idx_learning_insights_implementation_status
CREATE INDEX idx_learning_insights_implementation_status ON learning_insights USING btree (implementation_status);

--- index: idx_learning_insights_improvement_percentage
CREATE INDEX idx_learning_insights_improvement_percentage ON learning_insights USING btree (improvement_percentage);

--- index: idx_learning_insights_insight_type
CREATE INDEX idx_learning_insights_insight_type ON learning_insights USING btree (insight_type);

--- index: idx_learning_insights_user_id
CREATE INDEX idx_learning_insights_user_id ON learning_insights USING btree (user_id);

--- index: idx_meta_user_profiles_budget_range
CREATE INDEX idx_meta_user_profiles_budget_range ON meta_user_profiles USING btree (budget_range);

--- index: idx_meta_user_profiles_business_size
CREATE INDEX idx_meta_user_profiles_business_size ON meta_user_profiles USING btree (business_size);

--- index: idx_meta_user_profiles_industry
CREATE INDEX idx_meta_user_profiles_industry ON meta_user_profiles USING btree (industry);

--- index: idx_meta_user_profiles_primary_objective
CREATE INDEX idx_meta_user_profiles_primary_objective ON meta_user_profiles USING btree (primary_objective);

--- index: idx_meta_user_profiles_updated_at
CREATE INDEX idx_meta_user_profiles_updated_at ON meta_user_profiles USING btree (updated_at);

--- index: idx_meta_user_profiles_user_id
CREATE INDEX idx_meta_user_profiles_user_id ON meta_user_profiles USING btree (user_id);

--- index: idx_ml_models_active
CREATE INDEX idx_ml_models_active ON ml_models USING btree (is_active) WHERE (is_active = true);

--- index: idx_ml_models_name
CREATE INDEX idx_ml_models_name ON ml_models USING btree (name);

--- index: idx_ml_models_status
CREATE INDEX idx_ml_models_status ON ml_models USING btree (status);

--- index: idx_orders_person
CREATE INDEX idx_orders_person ON orders USING btree (site_id, COALESCE(user_id, visitor_id));

--- index: idx_pageviews_session
CREATE INDEX idx_pageviews_session ON pageviews USING btree (session_key);

--- index: idx_pageviews_view
CREATE INDEX idx_pageviews_view ON pageviews USING btree (site_id, view_timestamp);

--- index: idx_performance_patterns_confidence_level
CREATE INDEX idx_performance_patterns_confidence_level ON performance_patterns USING btree (confidence_level);

--- index: idx_performance_patterns_frequency
CREATE INDEX idx_performance_patterns_frequency ON performance_patterns USING btree (frequency);

--- index: idx_performance_patterns_last_observed
CREATE INDEX idx_performance_patterns_last_observed ON performance_patterns USING btree (last_observed);

--- index: idx_performance_patterns_pattern_type
CREATE INDEX idx_performance_patterns_pattern_type ON performance_patterns USING btree (pattern_type);

--- index: idx_performance_patterns_user_id
CREATE INDEX idx_performance_patterns_user_id ON performance_patterns USING btree (user_id);

--- index: idx_personalized_content_campaign_id
CREATE INDEX idx_personalized_content_campaign_id ON personalized_content USING btree (campaign_id);

--- index: idx_personalized_content_content_type
CREATE INDEX idx_personalized_content_content_type ON personalized_content USING btree (content_type);

--- index: idx_personalized_content_created_at
CREATE INDEX idx_personalized_content_created_at ON personalized_content USING btree (created_at);

--- index: idx_personalized_content_engagement_score
CREATE INDEX idx_personalized_content_engagement_score ON personalized_content USING btree (engagement_score);

--- index: idx_personalized_content_performance_vs_template
CREATE INDEX idx_personalized_content_performance_vs_template ON personalized_content USING btree (performance_vs_template);

--- index: idx_personalized_content_template_id
CREATE INDEX idx_personalized_content_template_id ON personalized_content USING btree (template_id);

--- index: idx_personalized_content_user_id
CREATE INDEX idx_personalized_content_user_id ON personalized_content USING btree (user_id);

--- index: idx_product_external
CREATE INDEX idx_product_external ON product USING btree (external_id, site_id);

--- index: idx_product_id
CREATE INDEX idx_product_id ON product USING btree (id);

--- index: idx_product_timestamp
CREATE INDEX idx_product_timestamp ON ONLY user_product_interactions USING btree (product_id, "timestamp");

--- index: idx_profile_prices_category
CREATE INDEX idx_profile_prices_category ON profile_prices USING btree (site_id, category, price);

--- index: idx_recommendation_clicks_pair
CREATE INDEX idx_recommendation_clicks_pair ON recommendation_clicks USING btree (person_id, product_id);

--- index: idx_recommendation_clicks_position
CREATE INDEX idx_recommendation_clicks_position ON recommendation_clicks USING btree ("position");

--- index: idx_recommendation_purchases_pair
CREATE INDEX idx_recommendation_purchases_pair ON recommendation_purchases USING btree (person_id, product_id);

--- index: idx_recommendations_decision
CREATE INDEX idx_recommendations_decision ON recommendations USING btree (decision_id);

--- index: idx_recommendations_item
CREATE INDEX idx_recommendations_item ON recommendations USING btree (item_id);

--- index: idx_recommendations_outcome
CREATE INDEX idx_recommendations_outcome ON recommendations USING btree (clicked, converted);

--- index: idx_recommendations_session
CREATE INDEX idx_recommendations_session ON recommendations USING btree (session_id);

--- index: idx_recommendations_shown_at
CREATE INDEX idx_recommendations_shown_at ON recommendations USING btree (shown_at);

--- index: idx_recommendations_user
CREATE INDEX idx_recommendations_user ON recommendations USING btree (user_id);

--- index: idx_recommendations_website
CREATE INDEX idx_recommendations_website ON recommendations USING btree (website_id);

--- index: idx_session
CREATE INDEX idx_session ON ONLY user_product_interactions USING btree (session_id);

--- index: idx_test_exposure_changed
CREATE INDEX idx_test_exposure_changed ON test_exposure USING btree (site_id, test_key, changed_position);

--- index: idx_test_exposure_visitor
CREATE INDEX idx_test_exposure_visitor ON test_exposure USING btree (site_id, visitor_id);

--- index: idx_test_quantile_test
CREATE INDEX idx_test_quantile_test ON test_quantile USING btree (site_id, test_id);

--- index: idx_test_results_ab_test_id
CREATE INDEX idx_test_results_ab_test_id ON test_results USING btree (ab_test_id);

--- index: idx_test_results_calculated_at
CREATE INDEX idx_test_results_calculated_at ON test_results USING btree (calculated_at);

--- index: idx_test_results_confidence_level
CREATE INDEX idx_test_results_confidence_level ON test_results USING btree (confidence_level);

--- index: idx_test_results_significance_status
CREATE INDEX idx_test_results_significance_status ON test_results USING btree (significance_status);

--- index: idx_test_statistic_test
CREATE INDEX idx_test_statistic_test ON test_statistic USING btree (site_id, test_id);

--- index: idx_test_unit_metric_test
CREATE INDEX idx_test_unit_metric_test ON test_unit_metric USING btree (site_id, test_id, unit_id);

--- index: idx_test_unit_test
CREATE INDEX idx_test_unit_test ON test_unit USING btree (site_id, test_id, unit_id);

--- index: idx_test_variations_ab_test_id
CREATE INDEX idx_test_variations_ab_test_id ON test_variations USING btree (ab_test_id);

--- index: idx_test_variations_conversion_rate
CREATE INDEX idx_test_variations_conversion_rate ON test_variations USING btree (conversion_rate);

--- index: idx_test_variations_ctr
CREATE INDEX idx_test_variations_ctr ON test_variations USING btree (ctr);

--- index: idx_test_variations_variation_id
CREATE INDEX idx_test_variations_variation_id ON test_variations USING btree (variation_id);

--- index: idx_timestamp
CREATE INDEX idx_timestamp ON ONLY user_product_interactions USING btree ("timestamp");

--- index: idx_training_date
CREATE INDEX idx_training_date ON rl_model_metadata USING btree (training_date);

--- index: idx_user_events_scroll
CREATE INDEX idx_user_events_scroll ON user_events USING btree (site_id, session_id) WHERE (scroll_percentage IS NOT NULL);

--- index: idx_user_profiles_last_visit
CREATE INDEX idx_user_profiles_last_visit ON user_profiles USING btree (last_visit);

--- index: idx_user_profiles_lifecycle
CREATE INDEX idx_user_profiles_lifecycle ON user_profiles USING btree (lifecycle_stage);

--- index: idx_user_profiles_user_id
CREATE INDEX idx_user_profiles_user_id ON user_profiles USING btree (user_id);

--- index: idx_user_profiles_website_id
CREATE INDEX idx_user_profiles_website_id ON user_profiles USING btree (website_id);

--- index: idx_user_sessions_last_event
CREATE INDEX idx_user_sessions_last_event ON user_sessions USING btree (site_id, last_event_at);

--- index: idx_user_sessions_open
CREATE INDEX idx_user_sessions_open ON user_sessions USING btree (session_key) WHERE (session_end IS NULL);

--- index: idx_user_sessions_open_by_hand
CREATE INDEX idx_user_sessions_open_by_hand ON user_sessions USING btree (site_id, last_event_at) WHERE ((session_end IS NULL) AND (stream < 0));

--- index: idx_user_sessions_person
CREATE INDEX idx_user_sessions_person ON user_sessions USING btree (site_id, COALESCE(user_id, visitor_id));

--- index: idx_user_sessions_session
CREATE INDEX idx_user_sessions_session ON user_sessions USING btree (site_id, session_id);

--- index: idx_user_sessions_start
CREATE INDEX idx_user_sessions_start ON user_sessions USING btree (site_id, session_start);

--- index: idx_user_sessions_visitor
CREATE INDEX idx_user_sessions_visitor ON user_sessions USING btree (site_id, visitor_id);

--- index: idx_user_timestamp
CREATE INDEX idx_user_timestamp ON ONLY user_product_interactions USING btree (user_id, "timestamp");

--- index: idx_users_external
CREATE INDEX idx_users_external ON users USING btree (external_id, site_id);

--- index: idx_users_id
CREATE INDEX idx_users_id ON users USING btree (id);

--- view: active_sessions
create view active_sessions with (security_invoker=true) as SELECT session_id, visitor_id, site_id, session_start, session_end, duration_seconds, pageview_count, event_count, bounce, entry_url, entry_path, entry_title, exit_url, exit_path, utm_source, utm_medium, utm_campaign, utm_content, utm_term, referrer_type, referrer_platform, original_referrer, user_agent, browser_language, timezone, screen_width, screen_height, viewport_width, viewport_height, device_pixel_ratio, session_key, stream, last_event_at, engaged_count, browser, os, device_type, country, user_id, user_at, user_position, lead_at, lead_position, last_position, exit_position, exit_at, (now() - session_start) AS session_age FROM user_sessions s WHERE ((session_end IS NULL) AND (session_start > (now() - '00:30:00'::interval)));

--- view: page_performance
create view page_performance with (security_invoker=true) as SELECT site_id, path, count(*) AS total_views, avg(time_on_page_seconds) AS avg_time_on_page, count(DISTINCT session_id) AS unique_sessions, ((sum( CASE WHEN (time_on_page_seconds < 10) THEN 1 ELSE 0 END))::numeric / (count(*))::numeric) AS bounce_rate FROM pageviews WHERE (view_timestamp > (now() - '30 days'::interval)) GROUP BY site_id, path;

--- view: traffic_sources
create view traffic_sources with (security_invoker=true) as SELECT site_id, referrer_type, count(DISTINCT session_id) AS sessions, count(DISTINCT visitor_id) AS unique_visitors, avg(duration_seconds) AS avg_session_duration, avg(pageview_count) AS avg_pages_per_session FROM user_sessions WHERE (session_start > (now() - '30 days'::interval)) GROUP BY site_id, referrer_type;

--- function: attune_protect(protected regclass, tenant name, granted boolean)
CREATE OR REPLACE FUNCTION attune_protect(protected regclass, tenant name, granted boolean DEFAULT true)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
declare
  mine text := case
    when tenant = 'site_id' then 'site_id = nullif(current_setting(''attune.site_id'', true), '''')'
    when tenant = 'website_id' then
      'website_id = cast(nullif(current_setting(''attune.site_id'', true), '''') as uuid)'
    else format(
      '%I = cast(nullif(current_setting(''attune.account_id'', true), '''') as bigint)', tenant)
  end;
begin
  execute format('alter table %s enable row level security', protected);
  execute format('alter table %s force row level security', protected);
  execute format(
    'create policy tenant on %s for all using (%s) with check (%s)', protected, mine, mine);
  if granted then
    execute format('grant select, insert, update, delete on %s to attune_app', protected);
  end if;
end $function$;

--- function: calculate_daily_metrics(IN start_date date, IN end_date date)
CREATE OR REPLACE PROCEDURE calculate_daily_metrics(IN start_date date, IN end_date date)
 LANGUAGE plpgsql
 SET jit TO 'off'
AS $procedure$
begin
  if start_date is null or end_date is null or start_date > end_date
    or end_date - start_date > 3660 then
    raise invalid_parameter_value using
      message = format('from %s to %s: give the first and the last day, at most ten years apart',
        coalesce(start_date::text, 'null'), coalesce(end_date::text, 'null'));
  end if;
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  delete from etl_dirty_days where metric_date between start_date and end_date;
  insert into daily_site_metrics as old (
    id, site_id, metric_date, unique_visitors, total_sessions, total_pageviews, bounce_rate,
    avg_session_duration_seconds, avg_pages_per_session, total_events, direct_sessions,
    search_sessions, social_sessions, referral_sessions, email_sessions, paid_sessions,
    ai_sessions, internal_sessions, bounced_sessions, total_duration_seconds, orders, revenue)
  with sites as (
    select site_id, etl_hash64(site_id, 0) as seed, etl_zone(max(timezone)) as zone
    from (
      select site_id, timezone from website
      union all
      select distinct site_id, null from etl_procedure_worlds
    ) as known
    group by site_id
  ),
  ranges as (
    select site_id, seed, zone,
      start_date::timestamp at time zone zone as first_at,
      (end_date + 1)::timestamp at time zone zone as end_at
    from sites
  ),
  views as (
    select page.site_id, (page.view_timestamp at time zone range.zone)::date as day,
      page.visitor_id
    from ranges as range
    inner join pageviews as page
      on page.site_id = range.site_id
      and page.view_timestamp >= range.first_at
      and page.view_timestamp < range.end_at
  ),
  actions as (
    select action.site_id, (action.event_timestamp at time zone range.zone)::date as day,
      action.visitor_id
    from ranges as range
    inner join user_events as action
      on action.site_id = range.site_id
      and action.event_timestamp >= range.first_at
      and action.event_timestamp < range.end_at
  ),
  sums as (
    select site_id, day,
      count(*) filter (where is_page) as pages,
      count(*) filter (where not is_page) as actions,
      count(distinct visitor_id) as visitors
    from (
      select site_id, day, visitor_id, true as is_page from views
      union all
      select site_id, day, visitor_id, false from actions
    ) as seen
    group by site_id, day
  ),
  visits as (
    select visit.site_id, (visit.session_start at time zone range.zone)::date as day,
      count(*) as total,
      count(*) filter (where bounce) as bounced,
      sum(duration_seconds) as seconds,
      sum(pageview_count) as pages,
      count(*) filter (where referrer_type = 'direct') as direct_total,
      count(*) filter (where referrer_type = 'search') as search_total,
      count(*) filter (where referrer_type = 'social') as social_total,
      count(*) filter (where referrer_type = 'referral') as referral_total,
      count(*) filter (where referrer_type = 'email') as email_total,
      count(*) filter (where referrer_type = 'paid') as paid_total,
      count(*) filter (where referrer_type = 'ai') as ai_total,
      count(*) filter (where referrer_type = 'internal') as internal_total
    from ranges as range
    inner join user_sessions as visit
      on visit.site_id = range.site_id
      and visit.session_start >= range.first_at
      and visit.session_start < range.end_at
    group by 1, 2
  ),
  sales as (
    select sale.site_id, (sale.order_timestamp at time zone range.zone)::date as day,
      count(*) as total, least(sum(sale.revenue), 900000000000000) as revenue
    from ranges as range
    inner join orders as sale
      on sale.site_id = range.site_id
      and sale.order_timestamp >= range.first_at
      and sale.order_timestamp < range.end_at
    group by 1, 2
  )
  select
    etl_stable_id(to_char(day, 'YYYY-MM-DD'), range.seed), site_id, day,
    coalesce(sums.visitors, 0), coalesce(visits.total, 0), coalesce(sums.pages, 0),
    round(visits.bounced::numeric / visits.total, 4),
    round(visits.seconds::numeric / visits.total),
    round(visits.pages::numeric / visits.total, 2),
    coalesce(sums.actions, 0),
    coalesce(visits.direct_total, 0), coalesce(visits.search_total, 0),
    coalesce(visits.social_total, 0), coalesce(visits.referral_total, 0),
    coalesce(visits.email_total, 0), coalesce(visits.paid_total, 0),
    coalesce(visits.ai_total, 0), coalesce(visits.internal_total, 0),
    coalesce(visits.bounced, 0), coalesce(visits.seconds, 0),
    coalesce(sales.total, 0), coalesce(sales.revenue, 0)
  from sums
  full join visits using (site_id, day)
  left join sales using (site_id, day)
  inner join ranges as range using (site_id)
  on conflict (site_id, metric_date) do update
  set
    unique_visitors = excluded.unique_visitors,
    total_sessions = excluded.total_sessions,
    total_pageviews = excluded.total_pageviews,
    bounce_rate = excluded.bounce_rate,
    avg_session_duration_seconds = excluded.avg_session_duration_seconds,
    avg_pages_per_session = excluded.avg_pages_per_session,
    total_events = excluded.total_events,
    direct_sessions = excluded.direct_sessions,
    search_sessions = excluded.search_sessions,
    social_sessions = excluded.social_sessions,
    referral_sessions = excluded.referral_sessions,
    email_sessions = excluded.email_sessions,
    paid_sessions = excluded.paid_sessions,
    ai_sessions = excluded.ai_sessions,
    internal_sessions = excluded.internal_sessions,
    bounced_sessions = excluded.bounced_sessions,
    total_duration_seconds = excluded.total_duration_seconds,
    orders = excluded.orders,
    revenue = excluded.revenue;
end $procedure$;

--- function: cleanup_processed_events(IN retention_days integer)
CREATE OR REPLACE PROCEDURE cleanup_processed_events(IN retention_days integer DEFAULT 90)
 LANGUAGE plpgsql
AS $procedure$
declare
  oldest timestamptz;
  taken_in bigint;
begin
  if retention_days is null or retention_days not between 1 and 36500 then
    raise invalid_parameter_value using
      message = format('retention_days is %s: give a number from 1 to 36500', retention_days);
  end if;
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  oldest := now() - make_interval(days => retention_days);
  taken_in := coalesce((select position from etl_cursor where name = 'etl'), 0);
  with removed as (
    delete from events_log
    where created_at < oldest
      and processed_at is not null
    returning site_id
  )
  insert into retention_mark (
    site_id, table_name, action, before_at, before_id, row_count, updated_at
  )
  select
    site_id,
    'events_log',
    'removed',
    oldest,
    taken_in,
    count(*),
    now()
  from removed
  group by site_id
  on conflict (site_id, table_name, action, before_at, before_id) do update
  set row_count = retention_mark.row_count + excluded.row_count;
  delete from etl_skipped_events
  where skipped_at < now() - make_interval(days => retention_days);
end $procedure$;

--- function: drop_empty_interaction_partitions(before_month date)
CREATE OR REPLACE FUNCTION drop_empty_interaction_partitions(before_month date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
declare
  child record;
  holds boolean;
  dropped integer := 0;
begin
  perform set_config('lock_timeout', '3s', true);
  for child in
    select inhrelid::regclass as name
    from pg_inherits
    where inhparent = 'user_product_interactions'::regclass
      and inhrelid::regclass::text ~ '^user_product_interactions_\d{4}_\d{2}$'
      and to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM')
        < date_trunc('month', before_month)
    order by 1
  loop
    execute format('select exists (select from %s)', child.name) into holds;
    if not holds then
      execute format('lock table %s in access exclusive mode', child.name);
      execute format('select exists (select from %s)', child.name) into holds;
      if not holds then
        execute format('drop table %s', child.name);
        dropped := dropped + 1;
      end if;
    end if;
  end loop;
  return dropped;
end $function$;

--- function: etl_avalanche(value bigint)
CREATE OR REPLACE FUNCTION etl_avalanche(value bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
begin
  value := value # ((value >> 37) & 134217727);
  value := etl_wrapped(etl_unsigned(value) * 1609587791953885689);
  return value # ((value >> 32) & 4294967295);
end $function$;

--- function: etl_base32(value bigint)
CREATE OR REPLACE FUNCTION etl_base32(value bigint)
 RETURNS text
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  digits text := '';
begin
  loop
    digits := substr('0123456789abcdefghijklmnopqrstuv', (value & 31)::integer + 1, 1) || digits;
    value := value >> 5;
    exit when value = 0;
  end loop;
  return digits;
end $function$;

--- function: etl_begin()
CREATE OR REPLACE PROCEDURE etl_begin()
 LANGUAGE plpgsql
AS $procedure$
begin
  perform pg_advisory_xact_lock(hashtextextended('attune etl procedures', 0));
  if to_regclass('pg_temp.etl_rows') is null then
    call etl_create_work_tables();
  end if;
  if exists (select from etl_rows) then   -- an earlier batch of this transaction
    truncate etl_rows, etl_batch, etl_sites, etl_visitors, etl_clients, etl_placed, etl_open,
      etl_visits, etl_counted, etl_held, etl_changes, etl_pages, etl_interactions, etl_arrivals;
  end if;
end $procedure$;

--- function: etl_close_sessions()
CREATE OR REPLACE PROCEDURE etl_close_sessions()
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $procedure$
begin
  update user_sessions as visit
  set session_end = visit.last_event_at
  from etl_procedure_worlds as world
  where world.stream < 0
    and visit.session_end is null
    and visit.stream < 0
    and visit.site_id = world.site_id
    and visit.last_event_at <= world.watermark - interval '30 minutes';
  if exists (select from etl_procedure_worlds where stream >= 0) then
    update user_sessions as visit
    set session_end = visit.last_event_at
    from etl_procedure_worlds as world
    where world.stream >= 0
      and visit.session_end is null
      and visit.site_id = world.site_id
      and visit.stream = world.stream
      and visit.last_event_at <= world.watermark - interval '30 minutes';
  end if;
end $procedure$;

--- function: etl_create_work_tables()
CREATE OR REPLACE PROCEDURE etl_create_work_tables()
 LANGUAGE plpgsql
AS $procedure$
begin
  create temporary table etl_rows (
    id bigint not null,
    site_id varchar(100) not null,
    timestamp timestamptz not null
  ) on commit delete rows;
  create temporary table etl_batch (
    position bigint not null,
    row_id bigint not null,
    is_row boolean not null,           -- the event is the row, not one of its list
    is_journal boolean not null,
    site integer not null,             -- number in etl_sites
    site_id varchar(100) not null,
    stream integer not null,
    at timestamptz,
    received timestamptz not null,
    kind text not null,
    event_type varchar(50) not null,
    client_id text,
    visitor_id text,
    user_id text,
    url text,
    path text,
    user_agent text,
    document jsonb not null,
    client_event_id uuid,
    counted_as text not null,
    reach timestamptz not null default '-infinity'
  ) on commit delete rows;
  create temporary table etl_sites (
    number integer not null,
    site_id varchar(100) not null,
    seed bigint not null,
    domain text,
    currency text,
    rewards jsonb
  ) on commit delete rows;
  create temporary table etl_visitors (
    site_id varchar(100) not null,
    stream integer not null,
    visitor_id text not null,
    is_simple boolean not null,
    session_key bigint,
    last_at timestamptz
  ) on commit delete rows;
  create temporary table etl_clients (
    site_id varchar(100) not null,
    stream integer not null,
    client_id text not null,
    is_simple boolean not null,
    session_key bigint,
    visitor_id text,                   -- of that session
    last_at timestamptz
  ) on commit delete rows;
  create temporary table etl_placed (
    position bigint not null,
    site_id varchar(100) not null,
    session_key bigint not null,
    begins boolean not null
  ) on commit delete rows;
  create temporary table etl_open (
    site_id varchar(100) not null,
    stream integer not null,
    session_key bigint not null,
    client_id text,
    visitor_id text not null,
    first_at timestamptz not null,
    last_at timestamptz not null
  ) on commit delete rows;
  create temporary table etl_visits (
    number integer not null,
    site_id varchar(100) not null,
    session_key bigint not null,
    stream integer not null,
    session_id text not null,
    visitor_id text not null,
    client_id text,
    begun boolean not null
  ) on commit delete rows;
  create temporary table etl_counted (
    position bigint not null,
    visit integer not null,            -- number in etl_visits
    session_id text not null
  ) on commit delete rows;
  create temporary table etl_held (
    like user_sessions,
    visit integer not null
  ) on commit delete rows;
  create temporary table etl_changes (
    like user_sessions,
    visit integer not null,
    begun boolean not null,
    leads boolean not null default false
  ) on commit delete rows;
  create temporary table etl_pages (
    position bigint not null,
    site_id varchar(100) not null,
    at timestamptz not null,
    seconds integer,
    is_new boolean not null
  ) on commit delete rows;
  create temporary table etl_arrivals (
    position bigint not null,
    site_id varchar(100) not null,
    event_id uuid,
    hour bigint not null,
    is_doubtful boolean not null
  ) on commit delete rows;
  create temporary table etl_interactions (
    position bigint not null,
    index integer not null,
    session_id text not null,
    site_id varchar(100) not null,
    visitor_id text not null,
    user_id text,
    at timestamptz not null,
    received timestamptz not null,
    interaction_type varchar(50) not null,
    reward numeric not null,
    site integer not null,
    item_id text not null,
    name text,
    category text,
    brand text,
    quantity numeric not null,
    price numeric,
    currency text,
    device_type text,
    path text,
    shop jsonb not null,               -- of the event, not of the item alone
    decision_id uuid
  ) on commit delete rows;
  create index etl_open_visitor on etl_open (visitor_id, site_id, stream);
  create index etl_open_client on etl_open (client_id, site_id, stream);
end $procedure$;

--- function: etl_find_sessions()
CREATE OR REPLACE PROCEDURE etl_find_sessions()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
begin
  insert into etl_clients (
    site_id, stream, client_id, is_simple, session_key, visitor_id, last_at)
  select client.site_id, client.stream, client.client_id, true, visit.session_key,
    visit.visitor_id, visit.last_event_at
  from (
    select distinct site_id, stream, client_id
    from etl_batch
    where counted_as = 'counted'
      and client_id is not null
  ) as client
  left join lateral (
    select names.session_key
    from etl_procedure_names as names
    where names.site_id = client.site_id
      and names.stream = client.stream
      and names.client_id = client.client_id
    limit 1
  ) as known on true
  left join lateral (
    select held.session_key, held.visitor_id, held.last_event_at
    from user_sessions as held
    where held.session_key = known.session_key
      and held.site_id || '' = client.site_id
    limit 1
  ) as visit on true;

  insert into etl_visitors (site_id, stream, visitor_id, is_simple, session_key, last_at)
  with unnamed as (
    select site_id, stream, visitor_id, min(at) as first_at, max(at) as last_at,
      bool_and(in_order) as in_order
    from (
      select site_id, stream, visitor_id, at,
        at >= coalesce(lag(at) over (
          partition by site_id, stream, visitor_id order by position), at) as in_order
      from etl_batch
      where counted_as = 'counted'
        and client_id is null
    ) as ordered
    group by site_id, stream, visitor_id
  ),
  mixed as (
    select site_id, stream, visitor_id
    from etl_batch
    where counted_as = 'counted'
      and client_id is not null
    union
    select site_id, stream, visitor_id
    from etl_clients
    where visitor_id is not null
  )
  select
    unnamed.site_id,
    unnamed.stream,
    unnamed.visitor_id,
    unnamed.in_order
      and mixed.visitor_id is null
      and (unnamed.stream <> 0 or held.total <= 64)
      and held.fitting <= 1
      and coalesce(held.began_before, true),
    held.session_key,
    held.last_at
  from unnamed
  left join mixed
    on mixed.site_id = unnamed.site_id
    and mixed.stream = unnamed.stream
    and mixed.visitor_id = unnamed.visitor_id
  cross join lateral (
    select
      count(*) as total,
      count(*) filter (where fits) as fitting,
      max(recent.session_key) filter (where fits) as session_key,
      max(recent.last_event_at) filter (where fits) as last_at,
      bool_and(recent.session_start - interval '30 minutes' <= unnamed.first_at)
        filter (where fits) as began_before
    from (
      select
        visit.session_key,
        visit.session_start,
        visit.last_event_at,
        visit.last_event_at + interval '30 minutes' >= unnamed.first_at
          and visit.session_start - interval '30 minutes' <= unnamed.last_at as fits
      from user_sessions as visit
      where visit.site_id = unnamed.site_id
        and visit.visitor_id = unnamed.visitor_id
        and visit.stream = unnamed.stream
      order by visit.session_key desc
      limit case when unnamed.stream = 0 then 65 else 64 end
    ) as recent
  ) as held;

  if exists (select from etl_visitors where not is_simple) then
    update etl_clients as client
    set is_simple = false
    where exists (
      select
      from etl_batch as event
      inner join etl_visitors as visitor
        on visitor.site_id = event.site_id
        and visitor.stream = event.stream
        and visitor.visitor_id = event.visitor_id
        and not visitor.is_simple
      where event.site_id = client.site_id
        and event.stream = client.stream
        and event.client_id = client.client_id
        and event.counted_as = 'counted'
    )
    or exists (
      select
      from etl_visitors as visitor
      where visitor.site_id = client.site_id
        and visitor.stream = client.stream
        and visitor.visitor_id = client.visitor_id
        and not visitor.is_simple
    );
  end if;
end $procedure$;

--- function: etl_finish()
CREATE OR REPLACE PROCEDURE etl_finish()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
declare
  first_id bigint;
  last_id bigint;
begin
  select min(id), max(id) into first_id, last_id from etl_rows;
  update events_log as logged
  set
    processed_at = now(),
    session_id = coalesce(outcome.session_id, logged.session_id),
    is_late = logged.is_late or coalesce(outcome.is_late, false)
  from etl_rows as taken
  left join (
    select event.position, counted.session_id, event.counted_as = 'late' as is_late
    from etl_batch as event
    left join etl_counted as counted on counted.position = event.position
    where event.is_row
  ) as outcome on outcome.position = taken.id
  where logged.processed_at is null
    and logged.id between first_id and last_id
    and logged.id = taken.id
    and logged.site_id = taken.site_id
    and logged.timestamp = taken.timestamp;

  insert into etl_skipped_events (id, site_id, reason, skipped_at)
  select row_id, site_id, counted_as, now()
  from etl_batch
  where counted_as in ('not_an_object', 'no_type', 'bad_time', 'no_visitor', 'no_url')
  union all
  select taken.id, taken.site_id, 'no_events', now()
  from etl_rows as taken
  where not exists (select from etl_batch where row_id = taken.id);

  insert into etl_procedure_counts as sum (counted_as, events)
  select counted_as, count(*)
  from etl_batch
  group by counted_as
  union all
  select 'no_events', count(*)
  from etl_rows as taken
  where not exists (select from etl_batch where row_id = taken.id)
  having count(*) > 0
  on conflict (counted_as) do update
  set events = sum.events + excluded.events;

  insert into etl_dirty_days (site_id, metric_date)
  with zones as materialized (
    select site.site_id, etl_zone(website.timezone) as name
    from etl_sites as site
    left join website on website.site_id = site.site_id
  )
  select changed.site_id, (changed.at at time zone zone.name)::date
  from (
    select site_id, at from etl_batch where counted_as = 'counted'
    union
    select site_id, session_start from etl_changes
  ) as changed
  inner join zones as zone on zone.site_id = changed.site_id
  group by 1, 2
  except
  select site_id, metric_date
  from etl_dirty_days;
end $procedure$;

--- function: etl_folded(a bigint, b bigint)
CREATE OR REPLACE FUNCTION etl_folded(a bigint, b bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  product constant numeric := etl_unsigned(a) * etl_unsigned(b);
  high constant numeric := div(product, 18446744073709551616);
begin
  return etl_wrapped(high) # etl_wrapped(product - high * 18446744073709551616);
end $function$;

--- function: etl_hash64(value text, seed bigint)
CREATE OR REPLACE FUNCTION etl_hash64(value text, seed bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  bytes constant bytea := convert_to(value, 'UTF8');
  size constant integer := length(bytes);
  secret constant bytea := etl_secret();
  total numeric := size * 11400714785074694791;
begin
  if size > 1024 then
    raise exception 'an id of % bytes: at most 1024 can be hashed', size;
  elsif size > 240 then
    return etl_hash64_long(bytes, seed);
  elsif size <= 16 then
    return etl_hash64_short(bytes, seed);
  elsif size <= 128 then
    for at in 0 .. (size - 1) / 32 loop
      total := total + etl_unsigned(etl_mixed(bytes, 16 * at, secret, 32 * at, seed))
        + etl_unsigned(etl_mixed(bytes, size - 16 - 16 * at, secret, 32 * at + 16, seed));
    end loop;
    return etl_avalanche(etl_wrapped(total));
  end if;
  for at in 0 .. 7 loop
    total := total + etl_unsigned(etl_mixed(bytes, 16 * at, secret, 16 * at, seed));
  end loop;
  total := etl_unsigned(etl_avalanche(etl_wrapped(total)));
  for at in 8 .. size / 16 - 1 loop
    total := total + etl_unsigned(etl_mixed(bytes, 16 * at, secret, 16 * (at - 8) + 3, seed));
  end loop;
  return etl_avalanche(etl_wrapped(
    total + etl_unsigned(etl_mixed(bytes, size - 16, secret, 119, seed))));
end $function$;

--- function: etl_hash64_long(bytes bytea, seed bigint)
CREATE OR REPLACE FUNCTION etl_hash64_long(bytes bytea, seed bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  size constant integer := length(bytes);
  stripes constant integer := (size - 1) / 64;
  secret bytea := etl_secret();
  sums bigint[] := array[
    3266489917, -7046029288634856825, -4417276706812531889, 1609587929392839161,
    -8796714831421723037, 2246822519, 2870177450012600261, 2654435761];
  data bigint;
  keyed bigint;
  total numeric;
  word bigint;
begin
  for at in 0 .. 11 loop
    for half in 0 .. 1 loop
      word := etl_wrapped(etl_unsigned(etl_read64(etl_secret(), 16 * at + 8 * half))
        + case half when 0 then etl_unsigned(seed) else -etl_unsigned(seed) end);
      for byte in 0 .. 7 loop
        secret := set_byte(secret, 16 * at + 8 * half + byte,
                           ((word >> (8 * byte)) & 255)::integer);
      end loop;
    end loop;
  end loop;
  for stripe in 0 .. stripes loop
    for lane in 0 .. 7 loop
      if stripe < stripes then
        data := etl_read64(bytes, 64 * stripe + 8 * lane);
        keyed := data # etl_read64(secret, 8 * stripe + 8 * lane);
      else   -- the last 64 bytes, wherever they begin
        data := etl_read64(bytes, size - 64 + 8 * lane);
        keyed := data # etl_read64(secret, 121 + 8 * lane);
      end if;
      sums[1 + (lane # 1)] :=
        etl_wrapped(etl_unsigned(sums[1 + (lane # 1)]) + etl_unsigned(data));
      sums[1 + lane] := etl_wrapped(etl_unsigned(sums[1 + lane])
        + (keyed & 4294967295)::numeric * ((keyed >> 32) & 4294967295)::numeric);
    end loop;
  end loop;
  total := size * 11400714785074694791;
  for pair in 0 .. 3 loop
    total := total + etl_unsigned(etl_folded(
      sums[1 + 2 * pair] # etl_read64(secret, 11 + 16 * pair),
      sums[2 + 2 * pair] # etl_read64(secret, 19 + 16 * pair)));
  end loop;
  return etl_avalanche(etl_wrapped(total));
end $function$;

--- function: etl_hash64_short(bytes bytea, seed bigint)
CREATE OR REPLACE FUNCTION etl_hash64_short(bytes bytea, seed bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
declare
  size constant integer := length(bytes);
  low bigint;
  high bigint;
  value bigint;
begin
  if size > 8 then
    low := etl_read64(bytes, 0)
      # etl_wrapped(etl_unsigned(7458650908927343033) + etl_unsigned(seed));
    high := etl_read64(bytes, size - 8)
      # etl_wrapped(etl_unsigned(-5812251307325107654) - etl_unsigned(seed));
    return etl_avalanche(etl_wrapped(size + etl_unsigned(etl_swapped64(low)) + etl_unsigned(high)
      + etl_unsigned(etl_folded(low, high))));
  elsif size >= 4 then
    -- The lower half of the seed, its bytes swapped, in the upper half.
    seed := seed # (etl_swapped64(seed) & -4294967296);
    value := (etl_read32(bytes, size - 4) | (etl_read32(bytes, 0) << 32))
      # etl_wrapped(etl_unsigned(-4090762196417718878) - etl_unsigned(seed));
    value := value # ((value << 49) | ((value >> 15) & 562949953421311))
      # ((value << 24) | ((value >> 40) & 16777215));
    value := etl_wrapped(etl_unsigned(value) * 11507291218515648293);
    value := value # (((value >> 35) & 536870911) + size);
    value := etl_wrapped(etl_unsigned(value) * 11507291218515648293);
    return value # ((value >> 28) & 68719476735);
  elsif size > 0 then
    value := ((get_byte(bytes, 0)::bigint << 16) | (get_byte(bytes, size / 2)::bigint << 24)
        | get_byte(bytes, size - 1)::bigint | (size::bigint << 8))
      # etl_wrapped(2267503259 + etl_unsigned(seed));
  else
    value := seed # etl_read64(etl_secret(), 56) # etl_read64(etl_secret(), 64);
  end if;
  value := value # ((value >> 33) & 2147483647);
  value := etl_wrapped(etl_unsigned(value) * 14029467366897019727);
  value := value # ((value >> 29) & 34359738367);
  value := etl_wrapped(etl_unsigned(value) * 1609587929392839161);
  return value # ((value >> 32) & 4294967295);
end $function$;

--- function: etl_items(document jsonb)
CREATE OR REPLACE FUNCTION etl_items(document jsonb)
 RETURNS TABLE(index integer, item jsonb, item_id text)
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select (listed.ordinality - 1)::integer, listed.item,
    coalesce(etl_text(listed.item, 'id', 255), etl_text(listed.item, 'item_id', 255),
      etl_text(listed.item, 'product_id', 255))
  from jsonb_array_elements(case
    when jsonb_typeof(document -> 'items') = 'array' and document -> 'items' <> '[]'
      then document -> 'items'
    when etl_text(document, 'wc_product_id', 255) is not null then jsonb_build_array(
      jsonb_build_object('id', document -> 'wc_product_id', 'category',
        document -> 'wc_category_id'))
    else '[]' end) with ordinality as listed (item, ordinality)
  where listed.ordinality <= 1000
    and coalesce(etl_text(listed.item, 'id', 255), etl_text(listed.item, 'item_id', 255),
      etl_text(listed.item, 'product_id', 255)) is not null
$function$;

--- function: etl_mixed(bytes bytea, at integer, secret bytea, secret_at integer, seed bigint)
CREATE OR REPLACE FUNCTION etl_mixed(bytes bytea, at integer, secret bytea, secret_at integer, seed bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
begin
  return etl_folded(
    etl_read64(bytes, at)
      # etl_wrapped(etl_unsigned(etl_read64(secret, secret_at)) + etl_unsigned(seed)),
    etl_read64(bytes, at + 8)
      # etl_wrapped(etl_unsigned(etl_read64(secret, secret_at + 8)) - etl_unsigned(seed)));
end $function$;

--- function: etl_number(document jsonb, member text)
CREATE OR REPLACE FUNCTION etl_number(document jsonb, member text)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case
    when jsonb_typeof(document -> member) = 'number' then (document ->> member)::numeric
    when document ->> member ~ '^-?[0-9]{1,15}([.][0-9]{1,9})?$' then (document ->> member)::numeric
  end
$function$;

--- function: etl_place()
CREATE OR REPLACE PROCEDURE etl_place()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
begin
  call etl_find_sessions();

  insert into etl_placed (position, site_id, session_key, begins)
  select position, site_id,
    coalesce(max(position) filter (where begins) over (
      partition by site_id, stream, client_id order by position), session_key),
    begins
  from (
    select event.position, event.site_id, event.stream, event.client_id, client.session_key,
      coalesce(greatest(client.last_at, max(event.at) over (
        partition by event.site_id, event.stream, event.client_id
        order by event.position
        rows between unbounded preceding and 1 preceding)) < event.reach,
        client.last_at is null and row_number() over (
          partition by event.site_id, event.stream, event.client_id
          order by event.position) = 1) as begins
    from etl_batch as event
    inner join etl_clients as client
      on client.site_id = event.site_id
      and client.stream = event.stream
      and client.client_id = event.client_id
    where event.counted_as = 'counted'
      and client.is_simple
  ) as named;

  insert into etl_placed (position, site_id, session_key, begins)
  select position, site_id,
    coalesce(max(position) filter (where begins) over (
      partition by site_id, stream, visitor_id order by position), session_key),
    begins
  from (
    select event.position, event.site_id, event.stream, event.visitor_id, visitor.session_key,
      coalesce(event.at > greatest(visitor.last_at, lag(event.at) over (
        partition by event.site_id, event.stream, event.visitor_id
        order by event.position)) + interval '30 minutes', true) as begins
    from etl_batch as event
    inner join etl_visitors as visitor
      on visitor.site_id = event.site_id
      and visitor.stream = event.stream
      and visitor.visitor_id = event.visitor_id
    where event.counted_as = 'counted'
      and event.client_id is null
      and visitor.is_simple
  ) as unnamed;

  if exists (select from etl_visitors where not is_simple) then
    call etl_place_in_turn();
  end if;

  insert into etl_visits (
    number, site_id, session_key, stream, session_id, visitor_id, client_id, begun)
  select row_number() over (), event.site_id, event.position, event.stream,
    case
      when event.client_id is null then '~' || etl_base32(event.position)
      when event.stream > 0
        or known.session_key is not null
        or row_number() over (
          partition by event.site_id, event.stream, event.client_id order by event.position) > 1
        then event.client_id || '~' || etl_base32(event.position)
      else event.client_id
    end,
    event.visitor_id, event.client_id, true
  from etl_placed as placed
  inner join etl_batch as event on event.position = placed.position
  left join etl_clients as known
    on known.site_id = event.site_id
    and known.stream = event.stream
    and known.client_id = event.client_id
  where placed.begins;

  insert into etl_visits (
    number, site_id, session_key, stream, session_id, visitor_id, client_id, begun)
  select row_number() over () + (select count(*) from etl_visits), visit.site_id, visit.session_key, visit.stream, visit.session_id, visit.visitor_id,
    null, false
  from (
    select distinct site_id, session_key
    from etl_placed
    where not begins
    except
    select site_id, session_key
    from etl_visits
  ) as joined
  cross join lateral (
    select *
    from user_sessions as held
    where held.session_key = joined.session_key
      and held.site_id || '' = joined.site_id
    limit 1
  ) as visit;

  insert into etl_counted (position, visit, session_id)
  select placed.position, visit.number, visit.session_id
  from etl_placed as placed
  inner join etl_visits as visit
    on visit.session_key = placed.session_key
    and visit.site_id = placed.site_id;

  insert into etl_procedure_names as known (site_id, stream, client_id, session_key)
  select site_id, stream, client_id, max(session_key)
  from etl_visits
  where begun
    and client_id is not null
  group by site_id, stream, client_id
  on conflict (site_id, stream, client_id) do update
  set session_key = excluded.session_key;

  insert into etl_procedure_worlds as world (site_id, stream, watermark)
  select site_id, stream, max(at)
  from etl_batch
  where counted_as = 'counted'
  group by site_id, stream
  on conflict (site_id, stream) do update
  set watermark = greatest(world.watermark, excluded.watermark);
end $procedure$;

--- function: etl_place_in_turn()
CREATE OR REPLACE PROCEDURE etl_place_in_turn()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
declare
  event record;
  joined bigint;
begin
  insert into etl_open (site_id, stream, session_key, client_id, visitor_id, first_at, last_at)
  select visit.site_id, visit.stream, visit.session_key,
    nullif(split_part(visit.session_id, '~', 1), ''), visit.visitor_id, visit.session_start,
    visit.last_event_at
  from etl_visitors as visitor
  cross join lateral (
    select *
    from user_sessions as held
    where held.site_id = visitor.site_id
      and held.visitor_id = visitor.visitor_id
      and held.stream = visitor.stream
    order by held.session_key desc
    limit case when visitor.stream = 0 then null else 64 end
  ) as visit
  where not visitor.is_simple
  union
  select visit.site_id, visit.stream, visit.session_key,
    nullif(split_part(visit.session_id, '~', 1), ''), visit.visitor_id, visit.session_start,
    visit.last_event_at
  from etl_clients as client
  cross join lateral (
    select *
    from user_sessions as held
    where held.session_key = client.session_key
      and held.site_id || '' = client.site_id
    limit 1
  ) as visit
  where not client.is_simple;

  for event in
    select batch.position, batch.site_id, batch.stream, batch.client_id, batch.visitor_id, batch.at,
      batch.reach
    from etl_batch as batch
    left join etl_clients as client
      on client.site_id = batch.site_id
      and client.stream = batch.stream
      and client.client_id = batch.client_id
    left join etl_visitors as visitor
      on visitor.site_id = batch.site_id
      and visitor.stream = batch.stream
      and visitor.visitor_id = batch.visitor_id
    where batch.counted_as = 'counted'
      and not case when batch.client_id is null then visitor.is_simple else client.is_simple end
    order by batch.position
  loop
    joined := null;
    if event.client_id is not null then
      select case when latest.last_at >= event.reach then latest.session_key end into joined
      from etl_open as latest
      where latest.client_id = event.client_id
        and latest.site_id = event.site_id
        and latest.stream = event.stream
      order by latest.session_key desc
      limit 1;
    else
      select recent.session_key into joined
      from (
        select held.session_key, held.first_at, held.last_at
        from etl_open as held
        where held.visitor_id = event.visitor_id
          and held.site_id = event.site_id
          and held.stream = event.stream
          and (held.stream <> 0
            or date_trunc('minute', held.last_at) >= date_trunc('minute', event.reach))
        order by held.session_key desc
        limit 64
      ) as recent
      where recent.last_at >= event.reach
        and event.at >= recent.first_at - interval '30 minutes'
        and event.at <= recent.last_at + interval '30 minutes'
      order by recent.first_at, recent.session_key
      limit 1;
    end if;
    if joined is null then
      insert into etl_open (
        site_id, stream, session_key, client_id, visitor_id, first_at, last_at)
      values (event.site_id, event.stream, event.position, event.client_id, event.visitor_id,
        event.at, event.at);
    else
      update etl_open
      set first_at = least(first_at, event.at), last_at = greatest(last_at, event.at)
      where session_key = joined
        and site_id = event.site_id;
    end if;
    insert into etl_placed (position, site_id, session_key, begins)
    values (event.position, event.site_id, coalesce(joined, event.position), joined is null);
  end loop;
end $procedure$;

--- function: etl_read(IN batch_size integer)
CREATE OR REPLACE PROCEDURE etl_read(IN batch_size integer)
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
declare
  first_id bigint;
  last_id bigint;
begin
  insert into etl_rows (id, site_id, timestamp)
  select distinct on (id) id, site_id, timestamp   -- another row of an id waits for the next batch
  from (
    select id, site_id, timestamp
    from events_log
    where processed_at is null
    order by id
    limit batch_size
  ) as next
  order by id;
  select min(id), max(id) into first_id, last_id from etl_rows;

  insert into etl_sites (number, site_id, seed, domain, currency, rewards)
  select
    row_number() over (),
    sites.site_id,
    etl_hash64(sites.site_id, 0),
    lower(website.domain),
    website.currency,
    website.rewards
  from (select distinct site_id from etl_rows) as sites
  left join website on website.site_id = sites.site_id;

  insert into etl_batch (
    position, row_id, is_row, is_journal, site, site_id, stream, at, received, kind, event_type,
    client_id, visitor_id, user_id, url, path, user_agent, document, client_event_id, counted_as)
  select distinct on (read.position)
    read.position, read.id, read.is_row, read.is_journal, site.number, read.site_id, read.stream,
    read.at, read.received, read.kind,
    case when read.kind in ('custom', 'none') then left(coalesce(read.type, ''), 50)
      else read.kind end,
    read.client_id, read.visitor_id, read.user_id,
    read.url,
    coalesce(
      read.path,
      case when read.url is not null then left(coalesce(nullif(
        substring(read.url from '^(?:[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*)?([^?#]*)'), ''), '/'), 500)
      end),
    read.user_agent,
    case when read.is_journal then read.document
      else etl_with_shop_fields(read.document, read.kind) end,
    read.client_event_id,
    case
      when not read.is_object then 'not_an_object'
      when read.kind = 'none' then 'no_type'
      when read.at is null then 'bad_time'
      when read.visitor_id is null then 'no_visitor'
      when read.kind = 'pageview' and read.url is null and read.path is null then 'no_url'
      when read.is_bot then 'bots'
      when read.kind = 'performance' then 'performance'
      else 'counted'
    end
  from (
    select
      logged.id + 1024 * event.number as position,
      logged.id,
      logged.site_id,
      event.is_row,
      logged.id < 4611686018427387904 as is_journal,
      event.is_object,
      event.document,
      event.type,
      case
        when event.type in ('pageview', 'page_view') then 'pageview'
        when event.type in ('product_view', 'view_item') then 'product_view'
        when event.type in ('product_click', 'select_item') then 'product_click'
        when event.type in ('cart_add', 'add_to_cart') then 'cart_add'
        when event.type in ('cart_remove', 'remove_from_cart') then 'cart_remove'
        when event.type in ('wishlist_add', 'add_to_wishlist') then 'wishlist_add'
        when event.type in ('wishlist_remove', 'remove_from_wishlist') then 'wishlist_remove'
        when event.type in ('checkout', 'begin_checkout', 'add_shipping_info', 'add_payment_info')
          then 'checkout'
        when event.type in ('click', 'scroll', 'scroll_depth', 'form_submit', 'text_copy',
          'page_visibility', 'identify', 'purchase', 'search', 'recommendation_shown',
          'recommendation_click', 'performance') then event.type
        when event.type is null or event.type in ('', 'batch') then 'none'
        else 'custom'
      end as kind,
      case when logged.stream = 0 and logged.id >= 4611686018427387904 then -1
        else logged.stream end as stream,
      case
        when happened.at is null or happened.at < '2000-01-01Z' or happened.at >= '2100-01-01Z'
          then null
        when logged.id >= 4611686018427387904
          and happened.at > logged.created_at + interval '5 minutes'
          then date_trunc('milliseconds', logged.created_at)
        else date_trunc('milliseconds', happened.at)
      end as at,
      date_trunc('milliseconds', coalesce(logged.created_at, logged.timestamp)) as received,
      case
        when logged.id < 4611686018427387904
          then etl_text(event.document, 'client_session_id', 79)
        else nullif(left(split_part(coalesce(
          case when not event.is_row then etl_text(event.document, 'session_id', 100) end,
          logged.session_id, etl_text(event.document, 'session_id', 100)), '~', 1), 79), '')
      end as client_id,
      nullif(coalesce(case when not event.is_row then etl_text(event.document, 'visitor_id', 100) end,
        logged.visitor_id, etl_text(event.document, 'visitor_id', 100)), '') as visitor_id,
      nullif(coalesce(case when not event.is_row then etl_text(event.document, 'user_id', 255) end,
        logged.user_id, etl_text(event.document, 'user_id', 255)), '') as user_id,
      nullif(left(coalesce(case when not event.is_row then etl_text(event.document, 'url', 2048) end,
        logged.url, etl_text(event.document, 'url', 2048)), 2048), '') as url,
      -- A path beside another event's url would be the outer event's.
      nullif(coalesce(
        case when event.is_row or etl_text(event.document, 'url', 2048) is null then logged.path end,
        etl_text(event.document, 'path', 500)), '') as path,
      nullif(left(logged.user_agent, 1000), '') as user_agent,
      logged.is_bot or coalesce(event.document -> 'is_bot' = 'true', false) as is_bot,
      case when logged.client_event_id and event.is_row then logged.event_id end as client_event_id
    from (
      select events_log.*
      from events_log
      inner join etl_rows as taken
        on taken.id = events_log.id
        and taken.site_id = events_log.site_id
        and taken.timestamp = events_log.timestamp
      where events_log.processed_at is null
        and events_log.id between first_id and last_id
    ) as logged
    cross join lateral (
      select
        0 as number,
        true as is_row,
        true as is_object,
        logged.event_type::text as type,
        case when jsonb_typeof(logged.raw_event_data) = 'object' then logged.raw_event_data
          else '{}' end as document
      where logged.event_type <> 'batch'
      union all
      select
        (listed.ordinality - 1)::integer,
        false,
        jsonb_typeof(listed.element) = 'object',
        coalesce(etl_text(listed.element, 'type', 50), etl_text(listed.element, 'event_type', 50)),
        case when jsonb_typeof(listed.element) <> 'object' then '{}'
          when jsonb_typeof(logged.raw_event_data) = 'object'
            then (logged.raw_event_data - '{events,type,event_type,event_id,timestamp}'::text[])
              || listed.element
          else listed.element end
      from jsonb_array_elements(case
        when logged.event_type <> 'batch' then '[]'
        when jsonb_typeof(logged.raw_event_data) = 'array' then logged.raw_event_data
        when jsonb_typeof(logged.raw_event_data -> 'events') = 'array'
          then logged.raw_event_data -> 'events'
        else '[]' end) with ordinality as listed (element, ordinality)
      where listed.ordinality <= 1000
    ) as event
    cross join lateral (
      select case
        when event.is_row or event.document -> 'timestamp' is null then logged.timestamp
        else etl_time(event.document -> 'timestamp')
      end as at
    ) as happened
  ) as read
  inner join etl_sites as site on site.site_id = read.site_id
  order by read.position, read.id;
end $procedure$;

--- function: etl_read32(bytes bytea, at integer)
CREATE OR REPLACE FUNCTION etl_read32(bytes bytea, at integer)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select get_byte(bytes, at)::bigint
    | (get_byte(bytes, at + 1)::bigint << 8)
    | (get_byte(bytes, at + 2)::bigint << 16)
    | (get_byte(bytes, at + 3)::bigint << 24)
$function$;

--- function: etl_read64(bytes bytea, at integer)
CREATE OR REPLACE FUNCTION etl_read64(bytes bytea, at integer)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select get_byte(bytes, at)::bigint
    | (get_byte(bytes, at + 1)::bigint << 8)
    | (get_byte(bytes, at + 2)::bigint << 16)
    | (get_byte(bytes, at + 3)::bigint << 24)
    | (get_byte(bytes, at + 4)::bigint << 32)
    | (get_byte(bytes, at + 5)::bigint << 40)
    | (get_byte(bytes, at + 6)::bigint << 48)
    | (get_byte(bytes, at + 7)::bigint << 56)
$function$;

--- function: etl_redacted(fields jsonb)
CREATE OR REPLACE FUNCTION etl_redacted(fields jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select jsonb_object_agg(key, case
    when regexp_replace(key, '([a-z])([A-Z])', '\1 \2', 'g') ~* ('(^|[^a-z0-9])(password|passwd|'
      || 'passwort|kennwort|motdepasse|pwd|pass|passphrase|passcode|pin|otp|tan|cvv|cvv2|cvc|cvc2|'
      || 'csc|ssn|iban|secret|token|auth|authorization|credential|credentials|jwt|bearer|'
      || 'card ?number|credit ?card)([^a-z0-9]|$)') then '"[redacted]"'::jsonb
    when value #>> '{}' ~ '^[0-9]{3}-[0-9]{2}-[0-9]{4}$|^([0-9][ -]?){13,19}$'
      then '"[redacted]"'::jsonb
    else value end)
  from jsonb_each(case when jsonb_typeof(fields) = 'object' then fields end)
$function$;

--- function: etl_referrer_type(document jsonb, domain text)
CREATE OR REPLACE FUNCTION etl_referrer_type(document jsonb, domain text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case
    when document ->> 'referrer_type' in ('direct', 'search', 'social', 'email', 'paid', 'ai',
      'referral', 'internal') then document ->> 'referrer_type'
    when document ->> 'utm_medium' ~* ('^(cp[aclmptv]|ppc|paid.*|retargeting|remarketing|display|'
      || 'banner|affiliate)$') then 'paid'
    when document ->> 'utm_medium' ~* '^(e-?mail|newsletter)$'
      or document ->> 'utm_source' ~* '^(e-?mail|newsletter)$' then 'email'
    when document ->> 'utm_medium' ~* '^(social|social-media|sm|social-network)$' then 'social'
    when document ->> 'utm_medium' ~* '^organic$' then 'search'
    when etl_text(document, 'utm_source', 100) is not null then 'referral'
    when coalesce(document ->> 'referrer' !~* '^https?://', true) then 'direct'
    when lower(substring(document ->> 'referrer' from '^[^:]+://(?:www[.])?([^/:?#]+)')) = domain
      or lower(substring(document ->> 'referrer' from '^[^:]+://([^/:?#]+)')) like '%.' || domain
      then 'internal'
    when document ->> 'referrer' ~* ('^https?://([^/:?#]+[.])?(google|bing|duckduckgo|yahoo|ecosia|'
      || 'baidu|yandex|startpage)[.][a-z.]+([/:?#]|$)') then 'search'
    when document ->> 'referrer' ~* ('^https?://([^/:?#]+[.])?(facebook|instagram|linkedin|reddit|'
      || 'pinterest|tiktok|twitter|x|youtube)[.]com([/:?#]|$)') then 'social'
    else 'referral'
  end
$function$;

--- function: etl_secret()
CREATE OR REPLACE FUNCTION etl_secret()
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select decode(
    'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f'
    'cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c'
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8'
    'a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364'
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e'
    '2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e', 'hex')
$function$;

--- function: etl_shop_context(document jsonb)
CREATE OR REPLACE FUNCTION etl_shop_context(document jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select jsonb_strip_nulls(jsonb_build_object(
    'order_id', coalesce(etl_text(document, 'order_id', 100), etl_text(document, 'wc_order_id', 100)),
    'revenue', nullif(coalesce(etl_number(document, 'revenue'), etl_number(document, 'wc_revenue')), 0),
    'cart_value', coalesce(etl_number(document, 'cart_value'), etl_number(document, 'wc_cart_value')),
    'checkout_step', coalesce(etl_text(document, 'checkout_step', 50),
      etl_text(document, 'wc_checkout_step', 50))))
$function$;

--- function: etl_sift()
CREATE OR REPLACE PROCEDURE etl_sift()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
declare
  doubtful record;
  arrived timestamptz := (select max(arrival) from etl_procedure_arrival);
  taken integer;
begin
  if exists (select from etl_batch where client_event_id is not null) then
    insert into etl_arrivals (position, site_id, event_id, hour, is_doubtful)
    select position, site_id, client_event_id, hour,
      count(*) over (partition by site_id, client_event_id) > 1
        or (
          select true
          from etl_procedure_event_ids as known
          where known.site_id = arrival.site_id
            and known.event_id = arrival.client_event_id
        ) is not null
    from (
      select
        position,
        site_id,
        client_event_id,
        floor(extract(epoch from greatest(arrived, max(received) over (order by position))) / 3600)
          ::bigint as hour
      from etl_batch
    ) as arrival
    where client_event_id is not null;
    insert into etl_procedure_event_ids (site_id, event_id, hour)
    select site_id, event_id, hour
    from etl_arrivals
    where not is_doubtful;
    for doubtful in select * from etl_arrivals where is_doubtful order by position loop
      insert into etl_procedure_event_ids as known (site_id, event_id, hour)
      values (doubtful.site_id, doubtful.event_id, doubtful.hour)
      on conflict (site_id, event_id) do update
      set hour = excluded.hour
      where known.hour < excluded.hour - 24;
      get diagnostics taken = row_count;
      if taken = 0 then
        update etl_batch set counted_as = 'duplicates' where position = doubtful.position;
      end if;
    end loop;
  end if;
  select greatest(arrived, max(received)) into arrived from etl_batch;
  if arrived is not null then
    delete from etl_procedure_arrival;
    insert into etl_procedure_arrival (arrival) values (arrived);
    delete from etl_procedure_event_ids
    where hour < floor(extract(epoch from arrived) / 3600)::bigint - 24;
  end if;

  -- The watermark before an event says whether it is late, the one after it whom it can join. A late
  -- event lies before the watermark, so it does not move it.
  if exists (select from etl_batch where stream = 0) then
    update etl_batch as event
    set
      counted_as = case when event.at < clock.before - interval '72 hours' then 'late'
        else 'counted' end,
      reach = greatest(clock.before, event.at) - interval '72 hours 30 minutes'
    from (
      select
        batch.position,
        greatest(world.watermark, max(batch.at) over (
          partition by batch.site_id
          order by batch.position
          rows between unbounded preceding and 1 preceding)) as before
      from etl_batch as batch
      left join etl_procedure_worlds as world
        on world.site_id = batch.site_id
        and world.stream = 0
      where batch.stream = 0
        and batch.counted_as = 'counted'
    ) as clock
    where event.position = clock.position
      and event.counted_as = 'counted';
  end if;
end $procedure$;

--- function: etl_size(document jsonb, member text, side integer)
CREATE OR REPLACE FUNCTION etl_size(document jsonb, member text, side integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case
    when jsonb_typeof(document -> member) = 'array'
      and document -> member ->> side ~ '^[0-9]{1,6}$'
      then nullif(least((document -> member ->> side)::integer, 100000), 0)
    when document ->> member ~ '^[0-9]{1,6}x[0-9]{1,6}$'
      then nullif(least(split_part(document ->> member, 'x', side + 1)::integer, 100000), 0)
  end
$function$;

--- function: etl_stable_id(external_id text, site_seed bigint)
CREATE OR REPLACE FUNCTION etl_stable_id(external_id text, site_seed bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select coalesce(nullif((etl_hash64(external_id, site_seed) >> 1) & 9223372036854775807, 0), 1)
$function$;

--- function: etl_store_page_times()
CREATE OR REPLACE PROCEDURE etl_store_page_times()
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $procedure$
begin
  update pageviews as page
  set time_on_page_seconds = changed.seconds
  from etl_pages as changed
  where not changed.is_new
    and page.id = changed.position
    and page.site_id = changed.site_id
    and page.view_timestamp = changed.at
    and page.time_on_page_seconds is distinct from changed.seconds;
end $procedure$;

--- function: etl_store_sessions()
CREATE OR REPLACE PROCEDURE etl_store_sessions()
 LANGUAGE plpgsql
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
AS $procedure$
begin
  update user_sessions as visit
  set
    session_start = change.session_start,
    session_end = change.session_end,
    duration_seconds = change.duration_seconds,
    pageview_count = change.pageview_count,
    event_count = change.event_count,
    bounce = change.bounce,
    exit_url = change.exit_url,
    exit_path = change.exit_path,
    last_event_at = change.last_event_at,
    engaged_count = change.engaged_count,
    user_id = change.user_id,
    user_at = change.user_at,
    user_position = change.user_position,
    last_position = change.last_position,
    exit_position = change.exit_position,
    exit_at = change.exit_at
  from etl_changes as change
  where not change.begun
    and visit.session_key = change.session_key
    and visit.site_id || '' = change.site_id;

  update user_sessions as visit
  set
    entry_url = change.entry_url,
    entry_path = change.entry_path,
    entry_title = change.entry_title,
    utm_source = change.utm_source,
    utm_medium = change.utm_medium,
    utm_campaign = change.utm_campaign,
    utm_content = change.utm_content,
    utm_term = change.utm_term,
    referrer_type = change.referrer_type,
    referrer_platform = change.referrer_platform,
    original_referrer = change.original_referrer,
    user_agent = change.user_agent,
    browser_language = change.browser_language,
    timezone = change.timezone,
    screen_width = change.screen_width,
    screen_height = change.screen_height,
    viewport_width = change.viewport_width,
    viewport_height = change.viewport_height,
    device_pixel_ratio = change.device_pixel_ratio,
    browser = change.browser,
    os = change.os,
    device_type = change.device_type,
    country = change.country,
    lead_at = change.lead_at,
    lead_position = change.lead_position
  from etl_changes as change
  where change.leads
    and visit.session_key = change.session_key
    and visit.site_id || '' = change.site_id;

  insert into user_sessions (
    session_id, visitor_id, site_id, session_start, session_end, duration_seconds,
    pageview_count, event_count, bounce, exit_url, exit_path, last_event_at, engaged_count,
    user_id, user_at, user_position, last_position, exit_position, exit_at, entry_url,
    entry_path, entry_title, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
    referrer_type, referrer_platform, original_referrer, user_agent, browser_language,
    timezone, screen_width, screen_height, viewport_width, viewport_height,
    device_pixel_ratio, browser, os, device_type, country, lead_at, lead_position,
    session_key, stream)
  select
    session_id, visitor_id, site_id, session_start, session_end, duration_seconds,
    pageview_count, event_count, bounce, exit_url, exit_path, last_event_at, engaged_count,
    user_id, user_at, user_position, last_position, exit_position, exit_at, entry_url,
    entry_path, entry_title, utm_source, utm_medium, utm_campaign, utm_content, utm_term,
    referrer_type, referrer_platform, original_referrer, user_agent, browser_language,
    timezone, screen_width, screen_height, viewport_width, viewport_height,
    device_pixel_ratio, browser, os, device_type, country, lead_at, lead_position,
    session_key, stream
  from etl_changes
  where begun;

  call etl_close_sessions();
end $procedure$;

--- function: etl_swapped64(value bigint)
CREATE OR REPLACE FUNCTION etl_swapped64(value bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select etl_read64(int8send(value), 0)
$function$;

--- function: etl_text(document jsonb, member text, characters integer)
CREATE OR REPLACE FUNCTION etl_text(document jsonb, member text, characters integer)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when jsonb_typeof(document -> member) in ('string', 'number')
    then nullif(left(document ->> member, characters), '') end
$function$;

--- function: etl_time(value jsonb)
CREATE OR REPLACE FUNCTION etl_time(value jsonb)
 RETURNS timestamp with time zone
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  if jsonb_typeof(value) = 'number' then
    return to_timestamp((value #>> '{}')::numeric / 1000);
  elsif jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T]' then
    return (value #>> '{}')::timestamptz;
  end if;
  return null;
exception
  when data_exception then return null;
end $function$;

--- function: etl_unsigned(value bigint)
CREATE OR REPLACE FUNCTION etl_unsigned(value bigint)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
  select case when value < 0 then value + 18446744073709551616 else value::numeric end
$function$;

--- function: etl_uuid(document jsonb, member text)
CREATE OR REPLACE FUNCTION etl_uuid(document jsonb, member text)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when document ->> member ~*
    '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
    then nullif((document ->> member)::uuid, '00000000-0000-0000-0000-000000000000') end
$function$;

--- function: etl_whole(document jsonb, member text, least_value integer, greatest_value integer)
CREATE OR REPLACE FUNCTION etl_whole(document jsonb, member text, least_value integer, greatest_value integer)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select case when etl_number(document, member) between least_value and greatest_value
    then round(etl_number(document, member))::integer end
$function$;

--- function: etl_with_shop_fields(document jsonb, kind text)
CREATE OR REPLACE FUNCTION etl_with_shop_fields(document jsonb, kind text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select read.document || case when kind = 'purchase'
    and etl_number(read.document, 'revenue') is null
    and etl_number(read.document, 'wc_revenue') is null then coalesce((
      select jsonb_build_object('revenue', round(sum(
        etl_number(item, 'price') * coalesce(etl_number(item, 'quantity'), 1)), 4))
      from etl_items(read.document)
      where etl_number(item, 'price') >= 0
      having count(*) > 0
    ), '{}') else '{}' end
  from (
    select case when jsonb_typeof(document -> 'data') = 'object' then coalesce((
      select jsonb_object_agg(key, value)
      from jsonb_each(document -> 'data')
      where key in ('wc_product_id', 'wc_category_id', 'wc_order_id', 'wc_checkout_step',
          'wc_cart_value', 'wc_revenue', 'scroll_depth', 'time_on_page')
        and value <> 'null'
        and (key <> 'wc_category_id' or not document ? 'wc_product_id')
    ), '{}') else '{}' end || document as document
  ) as read
$function$;

--- function: etl_wrapped(value numeric)
CREATE OR REPLACE FUNCTION etl_wrapped(value numeric)
 RETURNS bigint
 LANGUAGE plpgsql
 IMMUTABLE PARALLEL SAFE STRICT
AS $function$
begin
  value := mod(value, 18446744073709551616);
  if value >= 9223372036854775808 then
    return value - 18446744073709551616;
  elsif value < -9223372036854775808 then
    return value + 18446744073709551616;
  end if;
  return value;
end $function$;

--- function: etl_write_actions()
CREATE OR REPLACE PROCEDURE etl_write_actions()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
begin
  insert into user_events (
    id, session_id, visitor_id, site_id, event_type, event_timestamp, page_url, page_path,
    event_data, element_tag, element_classes, element_id, scroll_percentage, form_id)
  select
    event.position, counted.session_id, event.visitor_id, event.site_id, event.event_type, event.at,
    event.url, event.path,
    nullif(case
      when event.data ? 'element' and not (event.data -> 'element') ?| '{text,href}'
        then event.data - 'element'
      else event.data end, '{}'),
    coalesce(etl_text(event.document -> 'element', 'tag', 20),
      etl_text(event.document, 'element_tag', 20)),
    coalesce(etl_text(event.document -> 'element', 'classes', 1000),
      etl_text(event.document, 'element_classes', 1000)),
    coalesce(etl_text(event.document -> 'element', 'id', 100),
      etl_text(event.document, 'element_id', 100)),
    coalesce(etl_whole(event.document, 'scroll_percentage', 0, 100),
      etl_whole(event.document, 'scroll_depth', 0, 100)),
    coalesce(etl_text(event.document -> 'form', 'id', 100),
      etl_text(event.document, 'form_id', 100))
  from (
    select batch.*,
      -- Everything but what is a column here or in events_log.
      batch.document - '{client_event_id,client_session_id,client_timestamp,sent_type,stream,is_bot,
        user_id,title,referrer,query_params,hash_fragment,referrer_type,referrer_platform,utm_source,
        utm_medium,utm_campaign,utm_content,utm_term,browser,os,device_type,country,language,
        timezone,screen,viewport,device_pixel_ratio,scroll_percentage,scroll_depth,form,form_id,
        element_tag,element_id,element_classes,performance,umami,events,type,event_type,event_id,
        timestamp,session_id,visitor_id,site,site_id,url,path,user_agent,ip}'::text[] as data
    from etl_batch as batch
    where batch.counted_as = 'counted'
      and batch.kind <> 'pageview'
  ) as event
  inner join etl_counted as counted on counted.position = event.position
  on conflict do nothing;

  insert into form_submissions (
    id, session_id, visitor_id, site_id, form_id, form_action, form_method, page_url, page_path,
    submit_timestamp, field_count, form_data)
  select
    event.position, counted.session_id, event.visitor_id, event.site_id,
    coalesce(etl_text(event.document -> 'form', 'id', 100),
      etl_text(event.document, 'form_id', 100)),
    etl_text(event.document -> 'form', 'action', 2048),
    upper(etl_text(event.document -> 'form', 'method', 10)),
    event.url, event.path, event.at,
    coalesce(etl_whole(event.document -> 'form', 'field_count', 0, 10000),
      case when not event.is_journal
        and jsonb_typeof(event.document -> 'form' -> 'fields') = 'object'
        then (select count(*) from jsonb_object_keys(event.document -> 'form' -> 'fields')) end),
    case
      when jsonb_typeof(event.document -> 'form' -> 'fields') is distinct from 'object' then null
      when event.is_journal then event.document -> 'form' -> 'fields'
      else etl_redacted(event.document -> 'form' -> 'fields')
    end
  from etl_batch as event
  inner join etl_counted as counted on counted.position = event.position
  where event.kind = 'form_submit'
  on conflict do nothing;

  insert into orders (
    id, site_id, order_id, session_id, visitor_id, user_id, order_timestamp, revenue, currency,
    item_count)
  select
    event.position, event.site_id,
    coalesce(etl_text(event.document, 'order_id', 100), etl_text(event.document, 'wc_order_id', 100)),
    counted.session_id, event.visitor_id, event.user_id, event.at,
    round(least(greatest(coalesce(
      etl_number(event.document, 'revenue'), etl_number(event.document, 'wc_revenue'), 0), 0),
      900000000000000), 4),
    coalesce(upper(etl_text(event.document, 'currency', 3)),
      case when not event.is_journal and (bought.has_price or shop.context ? 'revenue'
        or shop.context ? 'cart_value') then site.currency end),
    bought.total
  from etl_batch as event
  inner join etl_counted as counted on counted.position = event.position
  inner join etl_sites as site on site.number = event.site
  cross join lateral (
    select count(*) as total, bool_or(etl_number(item, 'price') >= 0) as has_price
    from etl_items(event.document)
  ) as bought
  cross join lateral etl_shop_context(event.document) as shop (context)
  where event.kind = 'purchase'
  on conflict do nothing;
end $procedure$;

--- function: etl_write_interactions()
CREATE OR REPLACE PROCEDURE etl_write_interactions()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
begin
  insert into etl_interactions (
    position, index, session_id, site_id, visitor_id, user_id, at, received, interaction_type, reward,
    site, item_id, name, category, brand, quantity, price, currency, device_type, path, shop,
    decision_id)
  select
    event.position, thing.index, counted.session_id, event.site_id, event.visitor_id, event.user_id,
    event.at, event.received, done.interaction_type,
    case when abs(etl_number(site.rewards, lower(done.interaction_type))) < 99999999
      then round(etl_number(site.rewards, lower(done.interaction_type)), 2) else done.reward end,
    event.site, thing.item_id,
    coalesce(etl_text(thing.item, 'name', 255), etl_text(thing.item, 'item_name', 255)),
    coalesce(etl_text(thing.item, 'category', 255), etl_text(thing.item, 'item_category', 255)),
    coalesce(etl_text(thing.item, 'brand', 100), etl_text(thing.item, 'item_brand', 100)),
    round(least(greatest(coalesce(etl_number(thing.item, 'quantity'), 1), -100000000), 100000000), 3),
    case when etl_number(thing.item, 'price') >= 0
      then round(least(etl_number(thing.item, 'price'), 900000000000000), 4) end,
    case when etl_number(thing.item, 'price') >= 0 then coalesce(
      upper(etl_text(event.document, 'currency', 3)),
      case when not event.is_journal then site.currency end) end,
    case when event.document ->> 'device_type' in ('desktop', 'mobile', 'tablet', 'bot')
      then event.document ->> 'device_type' end,
    event.path, etl_shop_context(event.document), etl_uuid(event.document, 'decision_id')
  from etl_batch as event
  inner join (values
    ('pageview', 'VIEW', 0.1),
    ('product_view', 'VIEW', 0.1),
    ('product_click', 'CLICK', 0.5),
    ('recommendation_click', 'CLICK', 0.5),
    ('cart_add', 'CART_ADD', 2),
    ('purchase', 'PURCHASE', 10),
    ('wishlist_add', 'WISHLIST', 1),
    ('cart_remove', 'REMOVE_CART', -1),
    ('wishlist_remove', 'REMOVE_WISHLIST', -0.5)
  ) as done (kind, interaction_type, reward) on done.kind = event.kind
  inner join etl_counted as counted on counted.position = event.position
  inner join etl_sites as site on site.number = event.site
  cross join lateral etl_items(event.document) as thing
  where event.document ?| '{items,wc_product_id}'
    and (event.kind <> 'pageview' or (select count(*) from etl_items(event.document)) = 1);

  insert into users (id, site_id, external_id, is_known, first_seen_at, created_at)
  select etl_stable_id(person.external_id, site.seed), person.site_id, person.external_id,
    person.is_known, person.at, person.received
  from (
    select distinct on (site_id, external_id) *
    from (
      select site, site_id, user_id as external_id, true as is_known, at, received, position
      from etl_batch
      where counted_as = 'counted'
        and user_id is not null
      union all
      select site, site_id, visitor_id, false, at, received, position
      from etl_interactions
      where user_id is null
    ) as mention
    order by site_id, external_id, position
  ) as person
  inner join etl_sites as site on site.number = person.site
  where (
    select true
    from users as known
    where known.site_id || '' = person.site_id
      and known.external_id = person.external_id
    limit 1
  ) is null
  on conflict do nothing;

  insert into product (
    id, site_id, external_id, name, category, brand, price, currency, source, created_at,
    updated_at)
  select etl_stable_id(first.item_id, site.seed), first.site_id, first.item_id, first.name,
    first.category, first.brand, first.price, first.currency, 'event', first.received,
    first.received
  from (
    select distinct on (site_id, item_id) *
    from etl_interactions
    where not starts_with(item_id, 'content:')
    order by site_id, item_id, position, index
  ) as first
  inner join etl_sites as site on site.number = first.site
  where (
    select true
    from product as known
    where known.site_id || '' = first.site_id
      and known.external_id = first.item_id
    limit 1
  ) is null
  on conflict do nothing;

  insert into user_product_interactions (
    id, user_id, product_id, interaction_type, session_id, timestamp, context, reward, site_id,
    visitor_id, item_id, quantity, price, decision_id)
  select
    done.position + done.index, person.id, thing.id, done.interaction_type, done.session_id, done.at,
    nullif(jsonb_strip_nulls(jsonb_build_object('category', done.category, 'brand', done.brand,
      'device_type', done.device_type, 'page', done.path)) || done.shop, '{}'),
    done.reward, done.site_id, done.visitor_id, done.item_id, done.quantity, done.price,
    done.decision_id
  from etl_interactions as done
  cross join lateral (
    select known.id
    from users as known
    where known.site_id || '' = done.site_id
      and known.external_id = coalesce(done.user_id, done.visitor_id)
    limit 1
  ) as person
  cross join lateral (
    select known.id
    from product as known
    where known.site_id || '' = done.site_id
      and known.external_id = done.item_id
    limit 1
  ) as thing
  where not starts_with(done.item_id, 'content:')
  on conflict do nothing;
end $procedure$;

--- function: etl_write_pages()
CREATE OR REPLACE PROCEDURE etl_write_pages()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
begin
  insert into etl_pages (position, site_id, at, seconds, is_new)
  with touched as (
    select counted.visit, min(event.at) as from_at
    from etl_counted as counted
    inner join etl_batch as event on event.position = counted.position
    group by counted.visit
  ),
  pages as (
    select event.position, event.site_id, counted.visit, event.at, true as is_new
    from etl_counted as counted
    inner join etl_batch as event on event.position = counted.position
    where event.kind = 'pageview'
    union all
    select page.id, page.site_id, visit.number, page.view_timestamp, false
    from touched
    inner join etl_visits as visit
      on visit.number = touched.visit
      and not visit.begun
    cross join lateral (
      -- From the last page before the batch's events on.
      select held.id, held.site_id, held.view_timestamp
      from pageviews as held
      where held.session_key = visit.session_key
        and held.site_id || '' = visit.site_id
        and held.view_timestamp >= coalesce((
          select max(before.view_timestamp)
          from pageviews as before
          where before.session_key = visit.session_key
            and before.site_id || '' = visit.site_id
            and before.view_timestamp <= touched.from_at), touched.from_at)
      offset 0
    ) as page
  ),
  followed as (
    select
      pages.*,
      lead(at) over (partition by visit order by at, position) as next_at
    from pages
  )
  select
    followed.position,
    followed.site_id,
    followed.at,
    case
      when followed.next_at is not null
        then least(floor(extract(epoch from followed.next_at - followed.at)), 1800)
      when (change.last_event_at, change.last_position) > (followed.at, followed.position)
        then least(floor(extract(epoch from change.last_event_at - followed.at)), 1800)
    end,
    followed.is_new
  from followed
  inner join etl_changes as change on change.visit = followed.visit;

  call etl_store_page_times();

  insert into pageviews (
    id, session_id, visitor_id, site_id, url, path, title, query_params, hash_fragment,
    view_timestamp, time_on_page_seconds, referrer, internal_referrer, utm_source, utm_medium,
    utm_campaign, utm_content, utm_term, session_key)
  select
    event.position, visit.session_id, event.visitor_id, event.site_id,
    coalesce(event.url, event.path), event.path,
    etl_text(event.document, 'title', 500),
    coalesce(etl_text(event.document, 'query_params', 2048), case when not event.is_journal
      then nullif(substring(event.url from '^[^?#]*[?]([^#]*)'), '') end),
    coalesce(etl_text(event.document, 'hash_fragment', 500), case when not event.is_journal
      then nullif(left(substring(event.url from '#(.*)$'), 500), '') end),
    event.at, page.seconds,
    etl_text(event.document, 'referrer', 2048),
    etl_referrer_type(event.document, site.domain) = 'internal',
    etl_text(event.document, 'utm_source', 100), etl_text(event.document, 'utm_medium', 100),
    etl_text(event.document, 'utm_campaign', 100), etl_text(event.document, 'utm_content', 100),
    etl_text(event.document, 'utm_term', 100),
    visit.session_key
  from etl_pages as page
  inner join etl_batch as event on event.position = page.position
  inner join etl_counted as counted on counted.position = event.position
  inner join etl_visits as visit on visit.number = counted.visit
  inner join etl_sites as site on site.number = event.site
  where page.is_new
  on conflict do nothing;
end $procedure$;

--- function: etl_write_sessions()
CREATE OR REPLACE PROCEDURE etl_write_sessions()
 LANGUAGE plpgsql
 SET enable_nestloop TO 'off'
 SET enable_mergejoin TO 'off'
AS $procedure$
begin
  insert into etl_changes (
    visit, site_id, session_key, session_id, visitor_id, stream, begun,
    session_start, last_event_at, last_position, pageview_count, event_count, engaged_count,
    entry_url, entry_path, entry_title,
    utm_source, utm_medium, utm_campaign, utm_content, utm_term,
    referrer_type, referrer_platform, original_referrer,
    user_agent, browser_language, timezone,
    screen_width, screen_height, viewport_width, viewport_height, device_pixel_ratio,
    browser, os, device_type, country, lead_at, lead_position,
    exit_url, exit_path, exit_at, exit_position, user_id, user_at, user_position)
  with events as (
    select counted.visit, event.*, event.kind = 'pageview' as is_page
    from etl_counted as counted
    inner join etl_batch as event on event.position = counted.position
  ),
  sums as (
    select
      visit,
      min(at) as first_at,
      max(at) as last_at,
      count(*) filter (where is_page) as pages,
      count(*) filter (where not is_page) as others,
      count(*) filter (where kind not in ('pageview', 'scroll', 'scroll_depth', 'text_copy',
        'page_visibility', 'identify', 'recommendation_shown')) as engaged
    from events
    group by visit
  ),
  lasts as (
    select distinct on (visit) visit, position
    from events
    order by visit, at desc, position desc
  ),
  leads as (
    select distinct on (visit) *
    from events
    order by visit, is_page desc, at, position
  ),
  exits as (
    select distinct on (visit) visit, at, position, url, path
    from events
    where is_page
    order by visit, at desc, position desc
  ),
  persons as (
    select distinct on (visit) visit, at, position, user_id
    from events
    where user_id is not null
    order by visit, at desc, position desc
  )
  select
    visit.number, visit.site_id, visit.session_key, visit.session_id, visit.visitor_id, visit.stream,
    visit.begun,
    sums.first_at, sums.last_at, lasts.position, sums.pages, sums.others, sums.engaged,
    case when led.is_page then coalesce(led.url, led.path) end,
    case when led.is_page then led.path end,
    case when led.is_page then etl_text(led.document, 'title', 500) end,
    etl_text(led.document, 'utm_source', 100), etl_text(led.document, 'utm_medium', 100),
    etl_text(led.document, 'utm_campaign', 100), etl_text(led.document, 'utm_content', 100),
    etl_text(led.document, 'utm_term', 100),
    etl_referrer_type(led.document, site.domain),
    etl_text(led.document, 'referrer_platform', 100),
    etl_text(led.document, 'referrer', 2048),
    led.user_agent, etl_text(led.document, 'language', 10), etl_text(led.document, 'timezone', 50),
    etl_size(led.document, 'screen', 0), etl_size(led.document, 'screen', 1),
    etl_size(led.document, 'viewport', 0), etl_size(led.document, 'viewport', 1),
    case when etl_number(led.document, 'device_pixel_ratio') > 0
      then round(least(etl_number(led.document, 'device_pixel_ratio'), 9.99), 2) end,
    etl_text(led.document, 'browser', 100), etl_text(led.document, 'os', 100),
    case when led.document ->> 'device_type' in ('desktop', 'mobile', 'tablet', 'bot')
      then led.document ->> 'device_type' else 'unknown' end,
    etl_text(led.document, 'country', 2), led.at, led.position,
    coalesce(exits.url, exits.path), exits.path, exits.at, exits.position,
    persons.user_id, persons.at, persons.position
  from etl_visits as visit
  inner join sums
    on sums.visit = visit.number
  inner join lasts
    on lasts.visit = visit.number
  inner join leads as led
    on led.visit = visit.number
  inner join etl_sites as site on site.number = led.site
  left join exits
    on exits.visit = visit.number
  left join persons
    on persons.visit = visit.number;

  insert into etl_held
  select held.*, visit.number
  from etl_visits as visit
  cross join lateral (
    select *
    from user_sessions as before
    where before.session_key = visit.session_key
      and before.site_id || '' = visit.site_id
    limit 1
  ) as held
  where not visit.begun;

  -- From here on a change says what the session's row will.
  update etl_changes as change
  set
    -- A page leads over any other event, among the same sort the earlier one does.
    leads = case when (visit.pageview_count > 0) = (change.pageview_count > 0)
      then (change.lead_at, change.lead_position) < (visit.lead_at, visit.lead_position)
      else change.pageview_count > 0 end,
    session_start = least(visit.session_start, change.session_start),
    last_position = case
      when (change.last_event_at, change.last_position) > (visit.last_event_at, visit.last_position)
        then change.last_position else visit.last_position end,
    last_event_at = greatest(visit.last_event_at, change.last_event_at),
    pageview_count = visit.pageview_count + change.pageview_count,
    event_count = visit.event_count + change.event_count,
    engaged_count = visit.engaged_count + change.engaged_count,
    (exit_url, exit_path, exit_at, exit_position) = (
      select
        case when turn.changes then change.exit_url else visit.exit_url end,
        case when turn.changes then change.exit_path else visit.exit_path end,
        case when turn.changes then change.exit_at else visit.exit_at end,
        case when turn.changes then change.exit_position else visit.exit_position end
      from (select change.exit_at is not null and (visit.exit_at is null
        or (change.exit_at, change.exit_position) > (visit.exit_at, visit.exit_position))
          as changes) as turn
    ),
    (user_id, user_at, user_position) = (
      select
        case when turn.changes then change.user_id else visit.user_id end,
        case when turn.changes then change.user_at else visit.user_at end,
        case when turn.changes then change.user_position else visit.user_position end
      from (select change.user_at is not null and (visit.user_at is null
        or (change.user_at, change.user_position) > (visit.user_at, visit.user_position))
          as changes) as turn
    )
  from etl_held as visit
  where visit.visit = change.visit;

  update etl_changes as change
  set
    duration_seconds = least(floor(extract(epoch from last_event_at - session_start)), 2147483647),
    bounce = pageview_count = 1 and engaged_count = 0,
    session_end = case when last_event_at + interval '30 minutes' <= world.watermark
      then last_event_at end
  from etl_procedure_worlds as world
  where world.site_id = change.site_id
    and world.stream = change.stream;

  call etl_store_sessions();
end $procedure$;

--- function: etl_zone(name text)
CREATE OR REPLACE FUNCTION etl_zone(name text)
 RETURNS text
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
begin
  perform now() at time zone name;
  return coalesce(name, 'UTC');
exception
  when invalid_parameter_value then return 'UTC';
end $function$;

--- function: interaction_reward(interaction_type text)
CREATE OR REPLACE FUNCTION interaction_reward(interaction_type text)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE
RETURN CASE interaction_type WHEN 'VIEW'::text THEN 0.1 WHEN 'CLICK'::text THEN 0.5 WHEN 'CART_ADD'::text THEN 2.0 WHEN 'PURCHASE'::text THEN 10.0 WHEN 'WISHLIST'::text THEN 1.0 WHEN 'REMOVE_CART'::text THEN '-1.0'::numeric WHEN 'REMOVE_WISHLIST'::text THEN '-0.5'::numeric ELSE NULL::numeric END;

--- function: json_contains(whole json, part json)
CREATE OR REPLACE FUNCTION json_contains(whole json, part json)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select whole::jsonb @> part::jsonb
$function$;

--- function: make_interaction_partitions(first_month date, last_month date)
CREATE OR REPLACE FUNCTION make_interaction_partitions(first_month date, last_month date)
 RETURNS integer
 LANGUAGE plpgsql
AS $function$
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

--- function: process_events_batch(IN batch_size integer)
CREATE OR REPLACE PROCEDURE process_events_batch(IN batch_size integer DEFAULT 1000)
 LANGUAGE plpgsql
 SET jit TO 'off'
AS $procedure$
begin
  if batch_size is null or batch_size not between 1 and 100000 then
    raise invalid_parameter_value using
      message = format('batch_size is %s: give a number from 1 to 100000', batch_size);
  end if;
  call etl_begin();
  call etl_read(batch_size);
  if not exists (select from etl_rows) then
    return;
  end if;
  call etl_sift();
  call etl_place();
  call etl_write_sessions();
  call etl_write_pages();
  call etl_write_actions();
  call etl_write_interactions();
  call etl_finish();
end $procedure$;

--- function: update_active_sessions()
CREATE OR REPLACE PROCEDURE update_active_sessions()
 LANGUAGE plpgsql
 SET jit TO 'off'
AS $procedure$
begin
  call etl_begin();
  with incomplete as (
    select visit.site_id, visit.session_key, visit.session_id, visit.stream, visit.session_start,
      visit.last_event_at
    from user_sessions as visit
    inner join etl_procedure_worlds as world
      on world.site_id = visit.site_id
      and world.stream = visit.stream
    where visit.session_end is null
  ),
  facts as (
    select incomplete.site_id, incomplete.session_key, page.view_timestamp as at, page.id as position,
      true as is_page, false as engages, page.url, page.path
    from incomplete
    inner join pageviews as page
      on page.session_key = incomplete.session_key
      and page.site_id = incomplete.site_id
    union all
    select incomplete.site_id, incomplete.session_key, action.event_timestamp, action.id, false,
      action.event_type not in ('scroll', 'scroll_depth', 'text_copy', 'page_visibility',
        'identify', 'recommendation_shown'),
      null, null
    from incomplete
    inner join user_events as action
      on action.site_id = incomplete.site_id
      and action.session_id = incomplete.session_id
      and action.event_timestamp between incomplete.session_start and incomplete.last_event_at
      -- A live session may bear the same name.
      and (action.id >= 4611686018427387904) = (incomplete.session_key >= 4611686018427387904)
  ),
  sums as (
    select
      site_id,
      session_key,
      max(at) as last_at,
      count(*) filter (where is_page) as pages,
      count(*) filter (where not is_page) as others,
      count(*) filter (where engages) as engaged,
      (array_agg(position order by at desc, position desc))[1] as last_position,
      (array_agg(at order by at desc, position desc) filter (where is_page))[1] as exit_at,
      (array_agg(position order by at desc, position desc) filter (where is_page))[1]
        as exit_position,
      (array_agg(url order by at desc, position desc) filter (where is_page))[1] as exit_url,
      (array_agg(path order by at desc, position desc) filter (where is_page))[1] as exit_path
    from facts
    group by site_id, session_key
  )
  update user_sessions as visit
  set
    last_event_at = sums.last_at,
    last_position = sums.last_position,
    duration_seconds = least(floor(extract(epoch from sums.last_at - visit.session_start)),
      2147483647),
    pageview_count = sums.pages,
    event_count = sums.others,
    engaged_count = sums.engaged,
    bounce = sums.pages = 1 and sums.engaged = 0,
    exit_url = sums.exit_url,
    exit_path = sums.exit_path,
    exit_at = sums.exit_at,
    exit_position = sums.exit_position
  from sums
  where visit.session_key = sums.session_key
    and visit.site_id = sums.site_id
    and (visit.last_event_at, visit.pageview_count, visit.event_count, visit.engaged_count)
      is distinct from (sums.last_at, sums.pages::integer, sums.others::integer,
        sums.engaged::integer);
  call etl_close_sessions();
end $procedure$;

--- row security: ab_tests
alter table ab_tests enable row level security, force row level security;

--- row security: account
alter table account enable row level security, force row level security;

--- row security: api_key
alter table api_key enable row level security, force row level security;

--- row security: archive_file
alter table archive_file enable row level security, force row level security;

--- row security: audit_log
alter table audit_log enable row level security, force row level security;

--- row security: campaign_personalization_settings
alter table campaign_personalization_settings enable row level security, force row level security;

--- row security: campaign_recommendations
alter table campaign_recommendations enable row level security, force row level security;

--- row security: campaign_stats_daily
alter table campaign_stats_daily enable row level security, force row level security;

--- row security: campaigns
alter table campaigns enable row level security, force row level security;

--- row security: content_slot
alter table content_slot enable row level security, force row level security;

--- row security: content_templates
alter table content_templates enable row level security, force row level security;

--- row security: daily_site_metrics
alter table daily_site_metrics enable row level security, force row level security;

--- row security: erased_person
alter table erased_person enable row level security, force row level security;

--- row security: etl_cursor
alter table etl_cursor enable row level security, force row level security;

--- row security: etl_dirty_days
alter table etl_dirty_days enable row level security, force row level security;

--- row security: etl_dirty_people
alter table etl_dirty_people enable row level security, force row level security;

--- row security: etl_event_id_buckets
alter table etl_event_id_buckets enable row level security, force row level security;

--- row security: etl_procedure_arrival
alter table etl_procedure_arrival enable row level security, force row level security;

--- row security: etl_procedure_counts
alter table etl_procedure_counts enable row level security, force row level security;

--- row security: etl_procedure_event_ids
alter table etl_procedure_event_ids enable row level security, force row level security;

--- row security: etl_procedure_names
alter table etl_procedure_names enable row level security, force row level security;

--- row security: etl_procedure_worlds
alter table etl_procedure_worlds enable row level security, force row level security;

--- row security: etl_skipped_events
alter table etl_skipped_events enable row level security, force row level security;

--- row security: etl_worlds
alter table etl_worlds enable row level security, force row level security;

--- row security: events_log
alter table events_log enable row level security, force row level security;

--- row security: extension_choice
alter table extension_choice enable row level security, force row level security;

--- row security: feature_flag
alter table feature_flag enable row level security, force row level security;

--- row security: form_submissions
alter table form_submissions enable row level security, force row level security;

--- row security: gorse_feedback
alter table gorse_feedback enable row level security, force row level security;

--- row security: gorse_site
alter table gorse_site enable row level security, force row level security;

--- row security: gorse_user
alter table gorse_user enable row level security, force row level security;

--- row security: graph_edges
alter table graph_edges enable row level security, force row level security;

--- row security: import_stream
alter table import_stream enable row level security, force row level security;

--- row security: learning_insights
alter table learning_insights enable row level security, force row level security;

--- row security: login
alter table login enable row level security, force row level security;

--- row security: maintenance_run
alter table maintenance_run enable row level security, force row level security;

--- row security: meta_user_profiles
alter table meta_user_profiles enable row level security, force row level security;

--- row security: ml_models
alter table ml_models enable row level security, force row level security;

--- row security: orders
alter table orders enable row level security, force row level security;

--- row security: pageviews
alter table pageviews enable row level security, force row level security;

--- row security: performance_patterns
alter table performance_patterns enable row level security, force row level security;

--- row security: personalized_content
alter table personalized_content enable row level security, force row level security;

--- row security: placement
alter table placement enable row level security, force row level security;

--- row security: placement_rule
alter table placement_rule enable row level security, force row level security;

--- row security: product
alter table product enable row level security, force row level security;

--- row security: profile_parameters
alter table profile_parameters enable row level security, force row level security;

--- row security: profile_prices
alter table profile_prices enable row level security, force row level security;

--- row security: profile_scope
alter table profile_scope enable row level security, force row level security;

--- row security: recommendation_clicks
alter table recommendation_clicks enable row level security, force row level security;

--- row security: recommendation_purchases
alter table recommendation_purchases enable row level security, force row level security;

--- row security: recommendations
alter table recommendations enable row level security, force row level security;

--- row security: retention_mark
alter table retention_mark enable row level security, force row level security;

--- row security: rl_model_metadata
alter table rl_model_metadata enable row level security, force row level security;

--- row security: saved_group
alter table saved_group enable row level security, force row level security;

--- row security: sdk_connection
alter table sdk_connection enable row level security, force row level security;

--- row security: site_retention
alter table site_retention enable row level security, force row level security;

--- row security: site_windows
alter table site_windows enable row level security, force row level security;

--- row security: test_exposure
alter table test_exposure enable row level security, force row level security;

--- row security: test_quantile
alter table test_quantile enable row level security, force row level security;

--- row security: test_refresh
alter table test_refresh enable row level security, force row level security;

--- row security: test_results
alter table test_results enable row level security, force row level security;

--- row security: test_scope
alter table test_scope enable row level security, force row level security;

--- row security: test_statistic
alter table test_statistic enable row level security, force row level security;

--- row security: test_unit
alter table test_unit enable row level security, force row level security;

--- row security: test_unit_metric
alter table test_unit_metric enable row level security, force row level security;

--- row security: test_variations
alter table test_variations enable row level security, force row level security;

--- row security: user_context_features
alter table user_context_features enable row level security, force row level security;

--- row security: user_events
alter table user_events enable row level security, force row level security;

--- row security: user_product_interactions
alter table user_product_interactions enable row level security, force row level security;

--- row security: user_profiles
alter table user_profiles enable row level security, force row level security;

--- row security: user_sessions
alter table user_sessions enable row level security, force row level security;

--- row security: users
alter table users enable row level security, force row level security;

--- row security: website
alter table website enable row level security, force row level security;

--- policy: ab_tests.tenant
create policy tenant on ab_tests as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: account.tenant
create policy tenant on account as PERMISSIVE for ALL to public using ((id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: api_key.tenant
create policy tenant on api_key as PERMISSIVE for ALL to public using ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid)) with check ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid));

--- policy: archive_file.tenant
create policy tenant on archive_file as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: audit_log.tenant
create policy tenant on audit_log as PERMISSIVE for ALL to public using ((account_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((account_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: campaign_personalization_settings.tenant
create policy tenant on campaign_personalization_settings as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: campaign_recommendations.tenant
create policy tenant on campaign_recommendations as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: campaign_stats_daily.tenant
create policy tenant on campaign_stats_daily as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: campaigns.tenant
create policy tenant on campaigns as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: content_slot.tenant
create policy tenant on content_slot as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: content_templates.tenant
create policy tenant on content_templates as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: daily_site_metrics.tenant
create policy tenant on daily_site_metrics as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: erased_person.tenant
create policy tenant on erased_person as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: etl_dirty_days.tenant
create policy tenant on etl_dirty_days as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: etl_dirty_people.tenant
create policy tenant on etl_dirty_people as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: events_log.tenant
create policy tenant on events_log as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: feature_flag.tenant
create policy tenant on feature_flag as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: form_submissions.tenant
create policy tenant on form_submissions as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: gorse_feedback.tenant
create policy tenant on gorse_feedback as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: gorse_site.tenant
create policy tenant on gorse_site as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: gorse_user.tenant
create policy tenant on gorse_user as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: graph_edges.tenant
create policy tenant on graph_edges as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: import_stream.tenant
create policy tenant on import_stream as PERMISSIVE for ALL to public using ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid)) with check ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid));

--- policy: learning_insights.tenant
create policy tenant on learning_insights as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: login.tenant
create policy tenant on login as PERMISSIVE for ALL to public using ((account_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((account_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: meta_user_profiles.tenant
create policy tenant on meta_user_profiles as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: ml_models.tenant
create policy tenant on ml_models as PERMISSIVE for ALL to public using ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid)) with check ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid));

--- policy: orders.tenant
create policy tenant on orders as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: pageviews.tenant
create policy tenant on pageviews as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: performance_patterns.tenant
create policy tenant on performance_patterns as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: personalized_content.tenant
create policy tenant on personalized_content as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: placement.tenant
create policy tenant on placement as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: placement_rule.tenant
create policy tenant on placement_rule as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: product.tenant
create policy tenant on product as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: profile_parameters.tenant
create policy tenant on profile_parameters as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: profile_prices.tenant
create policy tenant on profile_prices as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: profile_scope.tenant
create policy tenant on profile_scope as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: recommendations.tenant
create policy tenant on recommendations as PERMISSIVE for ALL to public using ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid)) with check ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid));

--- policy: retention_mark.tenant
create policy tenant on retention_mark as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: rl_model_metadata.tenant
create policy tenant on rl_model_metadata as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: saved_group.tenant
create policy tenant on saved_group as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: sdk_connection.tenant
create policy tenant on sdk_connection as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: site_retention.tenant
create policy tenant on site_retention as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: site_windows.tenant
create policy tenant on site_windows as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_exposure.tenant
create policy tenant on test_exposure as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_quantile.tenant
create policy tenant on test_quantile as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_refresh.tenant
create policy tenant on test_refresh as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_results.tenant
create policy tenant on test_results as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: test_scope.tenant
create policy tenant on test_scope as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_statistic.tenant
create policy tenant on test_statistic as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_unit.tenant
create policy tenant on test_unit as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_unit_metric.tenant
create policy tenant on test_unit_metric as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: test_variations.tenant
create policy tenant on test_variations as PERMISSIVE for ALL to public using ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint)) with check ((user_id = (NULLIF(current_setting('attune.account_id'::text, true), ''::text))::bigint));

--- policy: user_context_features.tenant
create policy tenant on user_context_features as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: user_events.tenant
create policy tenant on user_events as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: user_product_interactions.tenant
create policy tenant on user_product_interactions as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: user_profiles.tenant
create policy tenant on user_profiles as PERMISSIVE for ALL to public using ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid)) with check ((website_id = (NULLIF(current_setting('attune.site_id'::text, true), ''::text))::uuid));

--- policy: user_sessions.tenant
create policy tenant on user_sessions as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: users.tenant
create policy tenant on users as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- policy: website.tenant
create policy tenant on website as PERMISSIVE for ALL to public using (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text))) with check (((site_id)::text = NULLIF(current_setting('attune.site_id'::text, true), ''::text)));

--- comment: extension_choice
comment on table extension_choice is 'The extension this database was made for; no row: none';

--- comment: ml_models
comment on table ml_models is 'ML model registry and versioning';

--- comment: ml_models.is_active
comment on column ml_models.is_active is 'Whether this model version is currently active in production';

--- comment: ml_models.status
comment on column ml_models.status is 'Model status: training, validating, production, archived';

--- comment: recommendations
comment on table recommendations is 'Historical recommendations for analysis and learning';

--- comment: recommendations.personalization_factors
comment on column recommendations.personalization_factors is 'JSONB object containing factors that influenced this recommendation';

--- comment: recommendations.strategy
comment on column recommendations.strategy is 'Recommendation strategy used: collaborative, sequential, graph, etc.';

--- comment: rl_model_metadata
comment on table rl_model_metadata is 'RL model metadata and version tracking';

--- comment: rl_model_metadata.algorithm_type
comment on column rl_model_metadata.algorithm_type is 'LINUCB, THOMPSON_SAMPLING, DQN';

--- comment: rl_model_metadata.created_by
comment on column rl_model_metadata.created_by is 'User who triggered training';

--- comment: rl_model_metadata.model_path
comment on column rl_model_metadata.model_path is 'Path to model file';

--- comment: rl_model_metadata.performance_metrics
comment on column rl_model_metadata.performance_metrics is 'CTR, conversion rate, avg reward, etc.';

--- comment: user_context_features
comment on table user_context_features is 'Precomputed user feature vectors for RL models';

--- comment: user_context_features.feature_vector
comment on column user_context_features.feature_vector is 'Precomputed user features for RL';

--- comment: user_context_features.user_id
comment on column user_context_features.user_id is 'users.id';

--- comment: user_product_interactions
comment on table user_product_interactions is 'User-product interaction tracking for RL recommendation system';

--- comment: user_product_interactions.context
comment on column user_product_interactions.context is 'Additional context: category, price range, device, etc.';

--- comment: user_product_interactions.interaction_type
comment on column user_product_interactions.interaction_type is 'CLICK, VIEW, CART_ADD, PURCHASE, WISHLIST, REMOVE_CART, REMOVE_WISHLIST';

--- comment: user_product_interactions.reward
comment on column user_product_interactions.reward is 'Calculated reward for RL';

--- comment: user_profiles
comment on table user_profiles is 'Aggregated user behavior and preferences for personalization';

--- comment: user_profiles.favorite_categories
comment on column user_profiles.favorite_categories is 'JSONB array of favorite product categories';

--- comment: user_profiles.favorite_products
comment on column user_profiles.favorite_products is 'JSONB array of favorite product IDs';

--- comment: user_profiles.funnel_position
comment on column user_profiles.funnel_position is 'User position in marketing funnel';

--- comment: user_profiles.lifecycle_stage
comment on column user_profiles.lifecycle_stage is 'User lifecycle stage: new, active, at_risk, churned';
