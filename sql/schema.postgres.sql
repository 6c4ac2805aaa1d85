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
create sequence events_log_id_sequence start 1;

--- sequence: form_submissions_id_sequence
create sequence form_submissions_id_sequence start 1;

--- sequence: order_id_sequence
create sequence order_id_sequence start 1;

--- sequence: user_events_id_sequence
create sequence user_events_id_sequence start 1;

--- sequence: user_product_interactions_id_sequence
create sequence user_product_interactions_id_sequence start 1;

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
  updated_at timestamp with time zone default now() not null
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
  last_login_at timestamp with time zone
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
  updated_at timestamp with time zone default now() not null
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

--- table: etl_event_id_buckets
create table etl_event_id_buckets (
  first_position bigint not null,
  hour bigint not null
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
  site_id character varying(100) default ''::character varying not null,
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

--- table: product
create table product (
  id bigint not null,
  site_id character varying(100) not null,
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
  updated_at timestamp with time zone default now() not null
);

--- table: recommendation_clicks
create table recommendation_clicks (
  recommendation_id uuid not null,
  person_id bigint,
  product_id bigint not null,
  clicked_at timestamp with time zone not null,
  "position" bigint not null,
  decided_at timestamp with time zone not null
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

--- table: schema_migrations
create table schema_migrations (
  number integer not null,
  name character varying(200) not null,
  hash character varying(16) not null,
  applied_at timestamp with time zone default now() not null
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
  site_id character varying(100) default ''::character varying not null,
  visitor_id character varying(100),
  item_id character varying(255),
  quantity numeric(12,3),
  price numeric(19,4),
  decision_id uuid
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
  site_id character varying(100) not null,
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
alter table account add constraint account_role_check CHECK (((role)::text = ANY ((ARRAY['admin'::character varying, 'viewer'::character varying])::text[])));

--- constraint: api_key.api_key_check
alter table api_key add constraint api_key_check CHECK (((website_id IS NOT NULL) OR ((scope)::text = 'admin'::text)));

--- constraint: api_key.api_key_pkey
alter table api_key add constraint api_key_pkey PRIMARY KEY (id);

--- constraint: api_key.api_key_scope_check
alter table api_key add constraint api_key_scope_check CHECK (((scope)::text = ANY ((ARRAY['read'::character varying, 'write'::character varying, 'admin'::character varying])::text[])));

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

--- constraint: etl_cursor.etl_cursor_pkey
alter table etl_cursor add constraint etl_cursor_pkey PRIMARY KEY (name);

--- constraint: events_log.events_log_pkey
alter table events_log add constraint events_log_pkey PRIMARY KEY (site_id, "timestamp", id);

--- constraint: form_submissions.form_submissions_pkey
alter table form_submissions add constraint form_submissions_pkey PRIMARY KEY (site_id, submit_timestamp, id);

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

--- constraint: product.product_pkey
alter table product add constraint product_pkey PRIMARY KEY (site_id, id);

--- constraint: product.product_source_check
alter table product add constraint product_source_check CHECK (((source)::text = ANY ((ARRAY['catalogue'::character varying, 'event'::character varying])::text[])));

--- constraint: recommendations.recommendations_pkey
alter table recommendations add constraint recommendations_pkey PRIMARY KEY (id, website_id, decided_at);

--- constraint: recommendations.recommendations_website_id_fkey
alter table recommendations add constraint recommendations_website_id_fkey FOREIGN KEY (website_id) REFERENCES website(website_id) ON DELETE CASCADE;

--- constraint: schema_migrations.schema_migrations_pkey
alter table schema_migrations add constraint schema_migrations_pkey PRIMARY KEY (number);

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

--- constraint: user_events.user_events_pkey
alter table user_events add constraint user_events_pkey PRIMARY KEY (site_id, event_timestamp, id);

--- constraint: user_product_interactions.user_product_interactions_pkey
alter table user_product_interactions add constraint user_product_interactions_pkey PRIMARY KEY (site_id, "timestamp", id);

--- constraint: user_product_interactions.user_product_interactions_site_id_product_id_fkey
alter table user_product_interactions add constraint user_product_interactions_site_id_product_id_fkey FOREIGN KEY (site_id, product_id) REFERENCES product(site_id, id) ON DELETE CASCADE;

--- constraint: user_product_interactions.user_product_interactions_site_id_user_id_fkey
alter table user_product_interactions add constraint user_product_interactions_site_id_user_id_fkey FOREIGN KEY (site_id, user_id) REFERENCES users(site_id, id) ON DELETE CASCADE;

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
CREATE INDEX idx_ab_tests_significance_status ON public.ab_tests USING btree (significance_status);

--- index: idx_ab_tests_start_date
CREATE INDEX idx_ab_tests_start_date ON public.ab_tests USING btree (start_date);

--- index: idx_ab_tests_status
CREATE INDEX idx_ab_tests_status ON public.ab_tests USING btree (status);

--- index: idx_ab_tests_test_type
CREATE INDEX idx_ab_tests_test_type ON public.ab_tests USING btree (test_type);

--- index: idx_ab_tests_user_id
CREATE INDEX idx_ab_tests_user_id ON public.ab_tests USING btree (user_id);

--- index: idx_ab_tests_user_id_status
CREATE INDEX idx_ab_tests_user_id_status ON public.ab_tests USING btree (user_id, status);

--- index: idx_campaign_personalization_settings_auto_optimization_enabled
CREATE INDEX idx_campaign_personalization_settings_auto_optimization_enabled ON public.campaign_personalization_settings USING btree (auto_optimization_enabled);

--- index: idx_campaign_personalization_settings_campaign_id
CREATE INDEX idx_campaign_personalization_settings_campaign_id ON public.campaign_personalization_settings USING btree (campaign_id);

--- index: idx_campaign_personalization_settings_personalization_level
CREATE INDEX idx_campaign_personalization_settings_personalization_level ON public.campaign_personalization_settings USING btree (personalization_level);

--- index: idx_campaign_personalization_settings_user_id
CREATE INDEX idx_campaign_personalization_settings_user_id ON public.campaign_personalization_settings USING btree (user_id);

--- index: idx_campaign_recommendations_campaign_type
CREATE INDEX idx_campaign_recommendations_campaign_type ON public.campaign_recommendations USING btree (campaign_type);

--- index: idx_campaign_recommendations_confidence_score
CREATE INDEX idx_campaign_recommendations_confidence_score ON public.campaign_recommendations USING btree (confidence_score);

--- index: idx_campaign_recommendations_created_at
CREATE INDEX idx_campaign_recommendations_created_at ON public.campaign_recommendations USING btree (created_at);

--- index: idx_campaign_recommendations_implementation_status
CREATE INDEX idx_campaign_recommendations_implementation_status ON public.campaign_recommendations USING btree (implementation_status);

--- index: idx_campaign_recommendations_user_id
CREATE INDEX idx_campaign_recommendations_user_id ON public.campaign_recommendations USING btree (user_id);

--- index: idx_content_templates_category
CREATE INDEX idx_content_templates_category ON public.content_templates USING btree (category);

--- index: idx_content_templates_is_active
CREATE INDEX idx_content_templates_is_active ON public.content_templates USING btree (is_active);

--- index: idx_content_templates_is_public
CREATE INDEX idx_content_templates_is_public ON public.content_templates USING btree (is_public);

--- index: idx_content_templates_performance_score
CREATE INDEX idx_content_templates_performance_score ON public.content_templates USING btree (performance_score);

--- index: idx_content_templates_template_type
CREATE INDEX idx_content_templates_template_type ON public.content_templates USING btree (template_type);

--- index: idx_content_templates_usage_count
CREATE INDEX idx_content_templates_usage_count ON public.content_templates USING btree (usage_count);

--- index: idx_content_templates_user_id
CREATE INDEX idx_content_templates_user_id ON public.content_templates USING btree (user_id);

--- index: idx_events_log_client_event
CREATE INDEX idx_events_log_client_event ON public.events_log USING btree (id) WHERE client_event_id;

--- index: idx_events_log_event_type
CREATE INDEX idx_events_log_event_type ON public.events_log USING btree (event_type);

--- index: idx_events_log_processed
CREATE INDEX idx_events_log_processed ON public.events_log USING btree (processed_at);

--- index: idx_events_log_raw_data_gin
CREATE INDEX idx_events_log_raw_data_gin ON public.events_log USING gin (raw_event_data);

--- index: idx_events_log_session
CREATE INDEX idx_events_log_session ON public.events_log USING btree (session_id);

--- index: idx_events_log_site_created
CREATE INDEX idx_events_log_site_created ON public.events_log USING btree (site_id, created_at);

--- index: idx_events_log_timestamp
CREATE INDEX idx_events_log_timestamp ON public.events_log USING btree ("timestamp");

--- index: idx_interaction_type
CREATE INDEX idx_interaction_type ON public.user_product_interactions USING btree (interaction_type);

--- index: idx_learning_insights_confidence_score
CREATE INDEX idx_learning_insights_confidence_score ON public.learning_insights USING btree (confidence_score);

--- index: idx_learning_insights_discovered_at
CREATE INDEX idx_learning_insights_discovered_at ON public.learning_insights USING btree (discovered_at);

--- index: idx_learning_insights_implementation_status
CREATE INDEX idx_learning_insights_implementation_status ON public.learning_insights USING btree (implementation_status);

--- index: idx_learning_insights_improvement_percentage
CREATE INDEX idx_learning_insights_improvement_percentage ON public.learning_insights USING btree (improvement_percentage);

--- index: idx_learning_insights_insight_type
CREATE INDEX idx_learning_insights_insight_type ON public.learning_insights USING btree (insight_type);

--- index: idx_learning_insights_user_id
CREATE INDEX idx_learning_insights_user_id ON public.learning_insights USING btree (user_id);

--- index: idx_meta_user_profiles_budget_range
CREATE INDEX idx_meta_user_profiles_budget_range ON public.meta_user_profiles USING btree (budget_range);

--- index: idx_meta_user_profiles_business_size
CREATE INDEX idx_meta_user_profiles_business_size ON public.meta_user_profiles USING btree (business_size);

--- index: idx_meta_user_profiles_industry
CREATE INDEX idx_meta_user_profiles_industry ON public.meta_user_profiles USING btree (industry);

--- index: idx_meta_user_profiles_primary_objective
CREATE INDEX idx_meta_user_profiles_primary_objective ON public.meta_user_profiles USING btree (primary_objective);

--- index: idx_meta_user_profiles_updated_at
CREATE INDEX idx_meta_user_profiles_updated_at ON public.meta_user_profiles USING btree (updated_at);

--- index: idx_meta_user_profiles_user_id
CREATE INDEX idx_meta_user_profiles_user_id ON public.meta_user_profiles USING btree (user_id);

--- index: idx_ml_models_active
CREATE INDEX idx_ml_models_active ON public.ml_models USING btree (is_active) WHERE (is_active = true);

--- index: idx_ml_models_name
CREATE INDEX idx_ml_models_name ON public.ml_models USING btree (name);

--- index: idx_ml_models_status
CREATE INDEX idx_ml_models_status ON public.ml_models USING btree (status);

--- index: idx_pageviews_session
CREATE INDEX idx_pageviews_session ON public.pageviews USING btree (session_key);

--- index: idx_pageviews_view
CREATE INDEX idx_pageviews_view ON public.pageviews USING btree (site_id, view_timestamp);

--- index: idx_performance_patterns_confidence_level
CREATE INDEX idx_performance_patterns_confidence_level ON public.performance_patterns USING btree (confidence_level);

--- index: idx_performance_patterns_frequency
CREATE INDEX idx_performance_patterns_frequency ON public.performance_patterns USING btree (frequency);

--- index: idx_performance_patterns_last_observed
CREATE INDEX idx_performance_patterns_last_observed ON public.performance_patterns USING btree (last_observed);

--- index: idx_performance_patterns_pattern_type
CREATE INDEX idx_performance_patterns_pattern_type ON public.performance_patterns USING btree (pattern_type);

--- index: idx_performance_patterns_user_id
CREATE INDEX idx_performance_patterns_user_id ON public.performance_patterns USING btree (user_id);

--- index: idx_personalized_content_campaign_id
CREATE INDEX idx_personalized_content_campaign_id ON public.personalized_content USING btree (campaign_id);

--- index: idx_personalized_content_content_type
CREATE INDEX idx_personalized_content_content_type ON public.personalized_content USING btree (content_type);

--- index: idx_personalized_content_created_at
CREATE INDEX idx_personalized_content_created_at ON public.personalized_content USING btree (created_at);

--- index: idx_personalized_content_engagement_score
CREATE INDEX idx_personalized_content_engagement_score ON public.personalized_content USING btree (engagement_score);

--- index: idx_personalized_content_performance_vs_template
CREATE INDEX idx_personalized_content_performance_vs_template ON public.personalized_content USING btree (performance_vs_template);

--- index: idx_personalized_content_template_id
CREATE INDEX idx_personalized_content_template_id ON public.personalized_content USING btree (template_id);

--- index: idx_personalized_content_user_id
CREATE INDEX idx_personalized_content_user_id ON public.personalized_content USING btree (user_id);

--- index: idx_product_id
CREATE INDEX idx_product_id ON public.product USING btree (id);

--- index: idx_product_timestamp
CREATE INDEX idx_product_timestamp ON public.user_product_interactions USING btree (product_id, "timestamp");

--- index: idx_recommendation_clicks_pair
CREATE INDEX idx_recommendation_clicks_pair ON public.recommendation_clicks USING btree (person_id, product_id);

--- index: idx_recommendation_clicks_position
CREATE INDEX idx_recommendation_clicks_position ON public.recommendation_clicks USING btree ("position");

--- index: idx_recommendation_purchases_pair
CREATE INDEX idx_recommendation_purchases_pair ON public.recommendation_purchases USING btree (person_id, product_id);

--- index: idx_recommendations_decision
CREATE INDEX idx_recommendations_decision ON public.recommendations USING btree (decision_id);

--- index: idx_recommendations_item
CREATE INDEX idx_recommendations_item ON public.recommendations USING btree (item_id);

--- index: idx_recommendations_outcome
CREATE INDEX idx_recommendations_outcome ON public.recommendations USING btree (clicked, converted);

--- index: idx_recommendations_session
CREATE INDEX idx_recommendations_session ON public.recommendations USING btree (session_id);

--- index: idx_recommendations_shown_at
CREATE INDEX idx_recommendations_shown_at ON public.recommendations USING btree (shown_at);

--- index: idx_recommendations_user
CREATE INDEX idx_recommendations_user ON public.recommendations USING btree (user_id);

--- index: idx_recommendations_website
CREATE INDEX idx_recommendations_website ON public.recommendations USING btree (website_id);

--- index: idx_session
CREATE INDEX idx_session ON public.user_product_interactions USING btree (session_id);

--- index: idx_test_results_ab_test_id
CREATE INDEX idx_test_results_ab_test_id ON public.test_results USING btree (ab_test_id);

--- index: idx_test_results_calculated_at
CREATE INDEX idx_test_results_calculated_at ON public.test_results USING btree (calculated_at);

--- index: idx_test_results_confidence_level
CREATE INDEX idx_test_results_confidence_level ON public.test_results USING btree (confidence_level);

--- index: idx_test_results_significance_status
CREATE INDEX idx_test_results_significance_status ON public.test_results USING btree (significance_status);

--- index: idx_test_variations_ab_test_id
CREATE INDEX idx_test_variations_ab_test_id ON public.test_variations USING btree (ab_test_id);

--- index: idx_test_variations_conversion_rate
CREATE INDEX idx_test_variations_conversion_rate ON public.test_variations USING btree (conversion_rate);

--- index: idx_test_variations_ctr
CREATE INDEX idx_test_variations_ctr ON public.test_variations USING btree (ctr);

--- index: idx_test_variations_variation_id
CREATE INDEX idx_test_variations_variation_id ON public.test_variations USING btree (variation_id);

--- index: idx_timestamp
CREATE INDEX idx_timestamp ON public.user_product_interactions USING btree ("timestamp");

--- index: idx_user_sessions_last_event
CREATE INDEX idx_user_sessions_last_event ON public.user_sessions USING btree (site_id, last_event_at);

--- index: idx_user_sessions_open
CREATE INDEX idx_user_sessions_open ON public.user_sessions USING btree (session_key) WHERE (session_end IS NULL);

--- index: idx_user_sessions_session
CREATE INDEX idx_user_sessions_session ON public.user_sessions USING btree (site_id, session_id);

--- index: idx_user_sessions_start
CREATE INDEX idx_user_sessions_start ON public.user_sessions USING btree (site_id, session_start);

--- index: idx_user_sessions_visitor
CREATE INDEX idx_user_sessions_visitor ON public.user_sessions USING btree (site_id, visitor_id);

--- index: idx_user_timestamp
CREATE INDEX idx_user_timestamp ON public.user_product_interactions USING btree (user_id, "timestamp");

--- index: idx_users_id
CREATE INDEX idx_users_id ON public.users USING btree (id);

--- view: active_sessions
create view active_sessions as SELECT session_id, visitor_id, site_id, session_start, session_end, duration_seconds, pageview_count, event_count, bounce, entry_url, entry_path, entry_title, exit_url, exit_path, utm_source, utm_medium, utm_campaign, utm_content, utm_term, referrer_type, referrer_platform, original_referrer, user_agent, browser_language, timezone, screen_width, screen_height, viewport_width, viewport_height, device_pixel_ratio, session_key, stream, last_event_at, engaged_count, browser, os, device_type, country, user_id, user_at, user_position, lead_at, lead_position, last_position, exit_position, exit_at, (now() - session_start) AS session_age FROM user_sessions s WHERE ((session_end IS NULL) AND (session_start > (now() - '00:30:00'::interval)));

--- view: page_performance
create view page_performance as SELECT site_id, path, count(*) AS total_views, avg(time_on_page_seconds) AS avg_time_on_page, count(DISTINCT session_id) AS unique_sessions, ((sum( CASE WHEN (time_on_page_seconds < 10) THEN 1 ELSE 0 END))::numeric / (count(*))::numeric) AS bounce_rate FROM pageviews WHERE (view_timestamp > (now() - '30 days'::interval)) GROUP BY site_id, path;

--- view: traffic_sources
create view traffic_sources as SELECT site_id, referrer_type, count(DISTINCT session_id) AS sessions, count(DISTINCT visitor_id) AS unique_visitors, avg(duration_seconds) AS avg_session_duration, avg(pageview_count) AS avg_pages_per_session FROM user_sessions WHERE (session_start > (now() - '30 days'::interval)) GROUP BY site_id, referrer_type;

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
