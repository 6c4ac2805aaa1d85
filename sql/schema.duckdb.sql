-- The schema after all migrations, as the database describes it. Not run: `attune migrate verify`
-- compares with it. Written by tools/schema_snapshot.

--- type: AgeGroupEnum
create type AgeGroupEnum as enum ('Gen Z', 'Millennial', 'Gen X', 'Boomer');

--- type: BrandVoiceEnum
create type BrandVoiceEnum as enum ('Professional', 'Casual', 'Playful', 'Luxury', 'Authentic', 'Bold');

--- type: BudgetRangeEnum
create type BudgetRangeEnum as enum ('Micro', 'Small', 'Medium', 'Large', 'Enterprise');

--- type: BusinessSizeEnum
create type BusinessSizeEnum as enum ('Startup', 'SMB', 'Enterprise');

--- type: CampaignObjectiveEnum
create type CampaignObjectiveEnum as enum ('Brand Awareness', 'Lead Generation', 'Sales', 'Engagement', 'Traffic', 'App Installs');

--- type: ContentPreferenceEnum
create type ContentPreferenceEnum as enum ('Video First', 'Image Heavy', 'Text Focused', 'Mixed');

--- type: PlatformPriorityEnum
create type PlatformPriorityEnum as enum ('Instagram', 'Facebook', 'TikTok', 'LinkedIn', 'YouTube');

--- type: StatisticalSignificanceEnum
create type StatisticalSignificanceEnum as enum ('Not Significant', 'Approaching', 'Significant', 'Highly Significant');

--- type: TestStatusEnum
create type TestStatusEnum as enum ('Draft', 'Active', 'Paused', 'Completed', 'Cancelled');

--- type: TestTypeEnum
create type TestTypeEnum as enum ('Simple A/B', 'Multivariate', 'Split URL', 'Content Variation');

--- sequence: account_id_sequence
create sequence account_id_sequence;

--- sequence: daily_site_metrics_id_sequence
create sequence daily_site_metrics_id_sequence;

--- sequence: events_log_id_sequence
create sequence events_log_id_sequence;

--- sequence: form_submissions_id_sequence
create sequence form_submissions_id_sequence;

--- sequence: order_id_sequence
create sequence order_id_sequence;

--- sequence: rl_model_metadata_id_sequence
create sequence rl_model_metadata_id_sequence;

--- sequence: user_context_features_id_sequence
create sequence user_context_features_id_sequence;

--- sequence: user_events_id_sequence
create sequence user_events_id_sequence;

--- sequence: user_product_interactions_id_sequence
create sequence user_product_interactions_id_sequence;

--- table: ab_tests
create table ab_tests (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid,
  name varchar not null,
  test_type enum('simple a/b', 'multivariate', 'split url', 'content variation') default 'Simple A/B' not null,
  hypothesis varchar,
  confidence_threshold double default 0.95 not null,
  sample_size bigint,
  duration_days bigint,
  traffic_split json default '{}' not null,
  status enum('draft', 'active', 'paused', 'completed', 'cancelled') default 'Draft' not null,
  start_date timestamp with time zone,
  end_date timestamp with time zone,
  winning_variation varchar,
  confidence_level double,
  significance_status enum('not significant', 'approaching', 'significant', 'highly significant') default 'Not Significant' not null,
  p_value double,
  projected_lift double,
  revenue_impact decimal(19,4),
  engine varchar default 'frequentist' not null,
  primary_metric varchar,
  guardrail_metrics json default '[]' not null,
  hash_attribute varchar default 'visitor_id' not null,
  hash_version bigint default 2 not null,
  seed varchar default CAST(gen_random_uuid() AS VARCHAR) not null,
  coverage double default 1 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  site_id varchar,
  test_key varchar,
  design json default '{}',
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  decided_by varchar,
  decision json default '{}',
  weights json default '[]',
  CHECK(((confidence_threshold > 0.5) AND (confidence_threshold < 1))),
  CHECK((end_date >= start_date)),
  CHECK((sample_size > 0)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, "name"),
  UNIQUE(user_id, seed)
);

--- table: account
create table account (
  id bigint default nextval('account_id_sequence') not null,
  name varchar not null,
  email varchar,
  password_hash varchar not null,
  role varchar default 'admin' not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  password_changed_at timestamp with time zone,
  last_login_at timestamp with time zone,
  owner_id bigint,
  CHECK(("role" IN ('admin', 'marketer', 'experimenter', 'viewer'))),
  PRIMARY KEY(id),
  UNIQUE("name")
);

--- table: api_key
create table api_key (
  id bigint not null,
  website_id uuid,
  name varchar not null,
  scope varchar not null,
  secret_hash varchar not null,
  hint varchar not null,
  created_at timestamp with time zone not null,
  CHECK(("scope" IN ('read', 'write', 'admin'))),
  CHECK(((website_id IS NOT NULL) OR ("scope" = 'admin'))),
  PRIMARY KEY(id)
);

--- table: archive_file
create table archive_file (
  file varchar not null,
  site_id varchar not null,
  table_name varchar not null,
  month date not null,
  row_count bigint not null,
  file_bytes bigint not null,
  sha256 varchar not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  made_at timestamp with time zone not null,
  PRIMARY KEY(file)
);

--- table: audit_log
create table audit_log (
  id bigint not null,
  made_at timestamp with time zone not null,
  account_id bigint,
  actor_kind varchar not null,
  actor varchar not null,
  role varchar not null,
  action varchar not null,
  site_id varchar,
  target varchar not null,
  details json not null,
  status integer not null,
  client_address varchar not null,
  previous_hash varchar not null,
  hash varchar not null,
  CHECK((actor_kind IN ('login', 'key', 'owner'))),
  PRIMARY KEY(id)
);

--- table: campaign_personalization_settings
create table campaign_personalization_settings (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid not null,
  personalization_level varchar default 'off' not null,
  auto_optimization_enabled boolean default CAST('f' AS BOOLEAN) not null,
  dynamic_content_enabled boolean default CAST('f' AS BOOLEAN) not null,
  adaptive_bidding_enabled boolean default CAST('f' AS BOOLEAN) not null,
  audience_settings json default '{}' not null,
  demographic_weights json default '{}' not null,
  behavioral_triggers json default '[]' not null,
  rotation_strategy varchar default 'even' not null,
  content_templates json default '[]' not null,
  dynamic_elements json default '{}' not null,
  budget_allocation_strategy varchar default 'fixed' not null,
  bid_adjustments json default '{}' not null,
  performance_targets json default '{}' not null,
  learning_priority varchar default 'medium' not null,
  optimization_frequency varchar default 'daily' not null,
  performance_thresholds json default '{}' not null,
  ab_testing_enabled boolean default CAST('f' AS BOOLEAN) not null,
  predictive_scaling_enabled boolean default CAST('f' AS BOOLEAN) not null,
  real_time_optimization_enabled boolean default CAST('f' AS BOOLEAN) not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, campaign_id)
);

--- table: campaign_recommendations
create table campaign_recommendations (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  name varchar not null,
  campaign_type varchar not null,
  description varchar,
  reasoning varchar,
  content_prompts json default '[]' not null,
  content_templates json default '[]' not null,
  content_style varchar,
  content_type varchar,
  recommended_budget decimal(19,4),
  target_audience json default '{}' not null,
  platform_allocation json default '{}' not null,
  predicted_ctr double,
  predicted_engagement double,
  predicted_conversion double,
  predicted_roi double,
  prediction_intervals json default '{}' not null,
  confidence_score double,
  implementation_status varchar default 'proposed' not null,
  implemented_campaign_id uuid,
  implemented_at timestamp with time zone,
  actual_ctr double,
  actual_engagement double,
  actual_conversion double,
  actual_roi double,
  method varchar,
  basis varchar,
  n bigint,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK((confidence_score BETWEEN 0 AND 1)),
  CHECK((predicted_ctr BETWEEN 0 AND 1)),
  CHECK((recommended_budget > 0)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, "name", created_at)
);

--- table: campaign_stats_daily
create table campaign_stats_daily (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid not null,
  day date not null,
  platform varchar default '' not null,
  audience varchar default '' not null,
  template_id uuid,
  impressions bigint default 0 not null,
  clicks bigint default 0 not null,
  conversions bigint default 0 not null,
  revenue decimal(19,4) default 0 not null,
  spend decimal(19,4) default 0 not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  engagements bigint,
  CHECK(((impressions >= 0) AND (clicks >= 0) AND (conversions >= 0) AND (revenue >= 0) AND (spend >= 0))),
  CHECK((clicks <= impressions)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, campaign_id, "day", platform, audience, template_id)
);

--- table: campaigns
create table campaigns (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  name varchar not null,
  description varchar,
  objective enum('brand awareness', 'lead generation', 'sales', 'engagement', 'traffic', 'app installs'),
  platform enum('instagram', 'facebook', 'tiktok', 'linkedin', 'youtube'),
  status varchar default 'draft' not null,
  budget decimal(19,4),
  currency varchar,
  start_date date,
  end_date date,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK((budget >= 0)),
  CHECK((end_date >= start_date)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, "name")
);

--- table: content_slot
create table content_slot (
  site_id varchar not null,
  slot_key varchar not null,
  user_id bigint not null,
  templates json not null,
  policy varchar not null,
  floor_share double not null,
  holdout_share double not null,
  is_enabled boolean not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY(site_id, slot_key)
);

--- table: content_templates
create table content_templates (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  name varchar not null,
  version bigint default 1 not null,
  description varchar,
  template_type varchar not null,
  category varchar,
  base_prompt varchar not null,
  personalization_variables json default '[]' not null,
  style_parameters json default '{}' not null,
  usage_count bigint default 0 not null,
  performance_score double,
  success_rate double,
  target_industries json default '[]' not null,
  target_objectives json default '[]' not null,
  target_demographics json default '{}' not null,
  is_active boolean default CAST('t' AS BOOLEAN) not null,
  is_public boolean default CAST('f' AS BOOLEAN) not null,
  created_by varchar,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK((performance_score BETWEEN 0 AND 1)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, "name", "version")
);

--- table: daily_site_metrics
create table daily_site_metrics (
  id bigint default nextval('daily_site_metrics_id_sequence') not null,
  site_id varchar not null,
  metric_date date not null,
  unique_visitors integer default 0,
  total_sessions integer default 0,
  total_pageviews integer default 0,
  bounce_rate decimal(5,4),
  avg_session_duration_seconds integer,
  avg_pages_per_session decimal(8,2),
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
  revenue decimal(19,4) default 0,
  UNIQUE(site_id, metric_date)
);

--- table: erased_person
create table erased_person (
  site_id varchar not null,
  kind varchar not null,
  id_hash varchar not null,
  erased_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  CHECK((kind IN ('site', 'visitor', 'anonymous', 'user'))),
  PRIMARY KEY(site_id, kind, id_hash)
);

--- table: etl_cursor
create table etl_cursor (
  name varchar not null,
  position bigint not null,
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
  event_ids_given_up bigint default 0 not null,
  PRIMARY KEY("name")
);

--- table: etl_dirty_days
create table etl_dirty_days (
  site_id varchar not null,
  metric_date date not null
);

--- table: etl_dirty_people
create table etl_dirty_people (
  site_id varchar not null,
  person varchar not null,
  position bigint not null
);

--- table: etl_event_id_buckets
create table etl_event_id_buckets (
  first_position bigint not null,
  hour bigint not null
);

--- table: etl_worlds
create table etl_worlds (
  site_id varchar not null,
  stream integer not null,
  watermark_ms bigint not null,
  floor_ms bigint not null,
  ended boolean not null
);

--- table: events_log
create table events_log (
  id bigint default nextval('events_log_id_sequence') not null,
  event_id uuid default gen_random_uuid(),
  event_type varchar not null,
  session_id varchar,
  visitor_id varchar,
  site_id varchar,
  timestamp timestamp with time zone not null,
  url varchar,
  path varchar,
  user_agent varchar,
  ip_address varchar,
  raw_event_data json not null,
  created_at timestamp with time zone default now(),
  processed_at timestamp with time zone,
  user_id varchar,
  stream integer default 0 not null,
  is_bot boolean default CAST('f' AS BOOLEAN) not null,
  is_late boolean default CAST('f' AS BOOLEAN) not null,
  client_event_id boolean default CAST('f' AS BOOLEAN) not null
);

--- table: feature_flag
create table feature_flag (
  site_id varchar not null,
  flag_key varchar not null,
  description varchar default '' not null,
  value_type varchar not null,
  default_value json not null,
  rules json not null,
  enabled boolean default CAST('t' AS BOOLEAN) not null,
  archived boolean default CAST('f' AS BOOLEAN) not null,
  version bigint default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by varchar default '' not null,
  CHECK(("version" >= 1)),
  CHECK((value_type IN ('boolean', 'string', 'number', 'json'))),
  PRIMARY KEY(site_id, flag_key)
);

--- table: form_submissions
create table form_submissions (
  id bigint default nextval('form_submissions_id_sequence') not null,
  session_id varchar not null,
  visitor_id varchar not null,
  site_id varchar not null,
  form_id varchar,
  form_action varchar,
  form_method varchar,
  page_url varchar,
  page_path varchar,
  submit_timestamp timestamp with time zone not null,
  field_count integer,
  form_data json
);

--- table: gorse_feedback
create table gorse_feedback (
  site_id varchar not null,
  user_id varchar not null,
  item_id varchar not null,
  feedback_type varchar not null,
  value double not null,
  given_at timestamp with time zone not null,
  labels json,
  comment varchar default '' not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY(site_id, user_id, item_id, feedback_type)
);

--- table: gorse_site
create table gorse_site (
  site_id varchar not null,
  feedback_kinds json not null,
  unknown_ids varchar default 'create' not null,
  updated_at timestamp with time zone not null,
  CHECK((unknown_ids IN ('create', 'reject'))),
  PRIMARY KEY(site_id)
);

--- table: gorse_user
create table gorse_user (
  site_id varchar not null,
  user_id varchar not null,
  labels json,
  comment varchar default '' not null,
  deleted_at timestamp with time zone,
  updated_at timestamp with time zone not null,
  PRIMARY KEY(site_id, user_id)
);

--- table: graph_edges
create table graph_edges (
  site_id varchar not null,
  edge_type varchar not null,
  from_type varchar not null,
  from_id varchar not null,
  to_type varchar not null,
  to_id varchar not null,
  weight double not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  CHECK((edge_type IN ('VIEWED', 'ADDED_TO_CART', 'PURCHASED', 'SEARCHED_FOR', 'NAVIGATED_TO', 'BOUGHT_TOGETHER', 'VIEWED_TOGETHER', 'IN_CATEGORY', 'SEMANTICALLY_SIMILAR'))),
  CHECK((from_type IN ('User', 'Product', 'Category', 'Page', 'Event'))),
  CHECK((to_type IN ('User', 'Product', 'Category', 'Page', 'Event')))
);

--- table: hot_leads
create table hot_leads (
  session_key bigint not null,
  session_id varchar not null,
  visitor_id varchar not null,
  site_id varchar not null,
  stream integer not null,
  lead_at timestamp with time zone not null,
  lead_position bigint not null,
  entry_url varchar,
  entry_path varchar,
  entry_title varchar,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar,
  referrer_type varchar not null,
  referrer_platform varchar,
  original_referrer varchar,
  user_agent varchar,
  browser_language varchar,
  timezone varchar,
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio decimal(3,2),
  browser varchar,
  os varchar,
  device_type varchar not null,
  country varchar
);

--- table: hot_pages
create table hot_pages (
  session_key bigint not null,
  exit_at timestamp with time zone not null,
  exit_position bigint not null,
  exit_is_cold boolean not null,
  url varchar not null,
  path varchar not null,
  visitor_id varchar,
  title varchar,
  query_params varchar,
  hash_fragment varchar,
  referrer varchar,
  internal_referrer boolean,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar
);

--- table: hot_sessions
create table hot_sessions (
  session_key bigint not null,
  session_start timestamp with time zone not null,
  last_event_at timestamp with time zone not null,
  last_position bigint not null,
  pageview_count integer not null,
  event_count integer not null,
  engaged_count integer not null,
  user_id varchar,
  user_at timestamp with time zone,
  user_position bigint
);

--- table: import_stream
create table import_stream (
  stream integer not null,
  website_id uuid not null,
  kind varchar not null,
  name varchar not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  last_batch bigint default 0 not null,
  events bigint default 0 not null,
  PRIMARY KEY(stream)
);

--- table: learning_insights
create table learning_insights (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid,
  insight_type varchar not null,
  category varchar,
  title varchar not null,
  description varchar,
  fingerprint varchar not null,
  baseline_performance json default '{}' not null,
  improved_performance json default '{}' not null,
  improvement_percentage double,
  identified_patterns json default '[]' not null,
  contributing_factors json default '[]' not null,
  correlations json default '{}' not null,
  optimization_suggestions json default '[]' not null,
  priority varchar default 'medium' not null,
  expected_impact double,
  confidence_score double,
  sample_size bigint,
  period_start date,
  period_end date,
  data_quality double,
  implementation_status varchar default 'new' not null,
  implementation_result json default '{}' not null,
  basis varchar,
  method varchar,
  discovered_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, fingerprint)
);

--- table: login
create table login (
  token_hash varchar not null,
  account_id bigint not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  PRIMARY KEY(token_hash)
);

--- table: maintenance_run
create table maintenance_run (
  period varchar not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  succeeded boolean not null,
  detail json not null,
  CHECK((period IN ('daily', 'weekly', 'monthly'))),
  PRIMARY KEY(period)
);

--- table: meta_user_profiles
create table meta_user_profiles (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  business_size enum('startup', 'smb', 'enterprise'),
  industry varchar,
  website varchar,
  years_in_business bigint,
  monthly_budget decimal(19,4),
  budget_range enum('micro', 'small', 'medium', 'large', 'enterprise'),
  primary_objective enum('brand awareness', 'lead generation', 'sales', 'engagement', 'traffic', 'app installs'),
  secondary_objectives json default '[]' not null,
  primary_age_group enum('gen z', 'millennial', 'gen x', 'boomer'),
  target_age_groups json default '[]' not null,
  target_locations json default '[]' not null,
  target_interests json default '[]' not null,
  target_behaviors json default '[]' not null,
  brand_voice enum('professional', 'casual', 'playful', 'luxury', 'authentic', 'bold'),
  content_preference enum('video first', 'image heavy', 'text focused', 'mixed'),
  primary_platform enum('instagram', 'facebook', 'tiktok', 'linkedin', 'youtube'),
  platform_priorities json default '[]' not null,
  brand_colors json default '[]' not null,
  roi_focus double default 0.5 not null,
  risk_tolerance double default 0.5 not null,
  automation_level double default 0.5 not null,
  campaign_history json default '{}' not null,
  performance_patterns json default '{}' not null,
  learned_preferences json default '{}' not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK((automation_level BETWEEN 0 AND 1)),
  CHECK((monthly_budget >= 0)),
  CHECK((risk_tolerance BETWEEN 0 AND 1)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id)
);

--- table: ml_models
create table ml_models (
  id uuid default gen_random_uuid() not null,
  name varchar not null,
  version varchar not null,
  model_type varchar,
  algorithm varchar,
  hyperparameters json,
  training_data_period json,
  metrics json,
  artifact_path varchar,
  artifact_size_bytes bigint,
  status varchar,
  is_active boolean default CAST('f' AS BOOLEAN),
  trained_at timestamp with time zone,
  deployed_at timestamp with time zone,
  created_at timestamp with time zone default now(),
  website_id uuid not null,
  artifact_sha256 varchar,
  CHECK((status IN ('training', 'validating', 'production', 'archived'))),
  PRIMARY KEY(id),
  UNIQUE(website_id, "name", "version")
);

--- table: orders
create table orders (
  id bigint default nextval('order_id_sequence') not null,
  site_id varchar not null,
  order_id varchar,
  session_id varchar not null,
  visitor_id varchar not null,
  user_id varchar,
  order_timestamp timestamp with time zone not null,
  revenue decimal(19,4) default 0 not null,
  currency varchar,
  item_count integer default 0 not null
);

--- table: pageviews_cold
create table pageviews_cold (
  id bigint not null,
  session_id varchar not null,
  visitor_id varchar not null,
  site_id varchar not null,
  url varchar not null,
  path varchar not null,
  title varchar,
  query_params varchar,
  hash_fragment varchar,
  view_timestamp timestamp with time zone not null,
  time_on_page_seconds integer,
  referrer varchar,
  internal_referrer boolean not null,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar,
  session_key bigint not null
);

--- table: performance_patterns
create table performance_patterns (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  pattern_type varchar not null,
  name varchar not null,
  description varchar,
  conditions json default '[]' not null,
  condition_hash varchar not null,
  performance_impact double,
  frequency double,
  confidence_level double,
  p_value double,
  effect_size double,
  campaigns_analyzed bigint,
  period_start date not null,
  period_end date,
  first_observed timestamp with time zone,
  last_observed timestamp with time zone,
  actionable_insights json default '[]' not null,
  automation_potential double,
  method varchar,
  basis varchar,
  n bigint,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, condition_hash, period_start)
);

--- table: personalized_content
create table personalized_content (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  campaign_id uuid,
  template_id uuid not null,
  content_type varchar not null,
  context_hash varchar not null,
  personalized_prompt varchar,
  personalization_context json default '{}' not null,
  file_path varchar,
  file_url varchar,
  file_size bigint,
  content_metadata json default '{}' not null,
  variables_used json default '{}' not null,
  targeting_configuration json default '{}' not null,
  impressions bigint default 0 not null,
  clicks bigint default 0 not null,
  conversions bigint default 0 not null,
  engagement_score double,
  performance_vs_template double,
  model_used varchar default 'template' not null,
  generation_ms bigint,
  generation_cost decimal(19,4) default 0 not null,
  quality_score double,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK((quality_score BETWEEN 0 AND 1)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, template_id, campaign_id, context_hash)
);

--- table: placement
create table placement (
  site_id varchar not null,
  name varchar not null,
  definition json not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY(site_id, "name")
);

--- table: placement_rule
create table placement_rule (
  site_id varchar not null,
  id uuid not null,
  definition json not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY(site_id, id)
);

--- table: product
create table product (
  id bigint not null,
  site_id varchar not null,
  external_id varchar not null,
  name varchar,
  category varchar,
  brand varchar,
  price decimal(19,4),
  currency varchar,
  stock integer,
  url varchar,
  image_url varchar,
  hidden boolean default CAST('f' AS BOOLEAN) not null,
  source varchar default 'catalogue' not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  categories json,
  labels json,
  comment varchar,
  published_at timestamp with time zone,
  deleted_at timestamp with time zone,
  type varchar default 'product',
  CHECK(("source" IN ('catalogue', 'event'))),
  PRIMARY KEY(site_id, id)
);

--- table: profile_parameters
create table profile_parameters (
  site_id varchar not null,
  computed_at timestamp with time zone not null,
  people bigint not null,
  returning_people bigint not null,
  r double,
  alpha double,
  a double,
  b double,
  log_likelihood double,
  detail varchar not null,
  PRIMARY KEY(site_id)
);

--- table: profile_prices
create table profile_prices (
  site_id varchar not null,
  category varchar not null,
  price decimal(19,4) not null,
  below double not null,
  up_to double not null
);

--- table: profile_scope
create table profile_scope (
  site_id varchar not null,
  person varchar not null,
  created_at timestamp with time zone
);

--- table: recommendation_clicks
create table recommendation_clicks (
  recommendation_id uuid not null,
  person_id bigint,
  product_id bigint not null,
  clicked_at timestamp with time zone not null,
  position bigint not null,
  decided_at timestamp with time zone not null,
  credited_until timestamp with time zone
);

--- table: recommendation_purchases
create table recommendation_purchases (
  id bigint not null,
  person_id bigint not null,
  product_id bigint not null,
  purchased_at timestamp with time zone not null,
  amount decimal(19,4) not null
);

--- table: recommendations
create table recommendations (
  id uuid default gen_random_uuid() not null,
  session_id uuid not null,
  user_id varchar,
  website_id uuid not null,
  recommendation_type varchar,
  item_id varchar not null,
  score decimal(5,4),
  rank integer,
  context json,
  strategy varchar,
  model_version varchar,
  personalization_factors json,
  shown boolean default CAST('t' AS BOOLEAN),
  clicked boolean default CAST('f' AS BOOLEAN),
  converted boolean default CAST('f' AS BOOLEAN),
  revenue decimal(19,4),
  shown_at timestamp with time zone default now(),
  clicked_at timestamp with time zone,
  converted_at timestamp with time zone,
  decision_id uuid not null,
  position bigint not null,
  product_id bigint not null,
  person_id bigint,
  decided_at timestamp with time zone not null,
  propensity double not null,
  raw_score double,
  reason varchar,
  placement varchar,
  session_text varchar,
  eligible_count integer,
  eligible_hash varchar,
  seed varchar,
  matured_at timestamp with time zone
);

--- table: retention_mark
create table retention_mark (
  site_id varchar not null,
  table_name varchar not null,
  action varchar not null,
  before_at timestamp with time zone not null,
  before_id bigint not null,
  row_count bigint not null,
  updated_at timestamp with time zone not null,
  CHECK(("action" IN ('removed', 'archived'))),
  PRIMARY KEY(site_id, table_name, "action", before_at, before_id)
);

--- table: rl_model_metadata
create table rl_model_metadata (
  id bigint default nextval('rl_model_metadata_id_sequence') not null,
  model_name varchar not null,
  algorithm_type varchar not null,
  version varchar not null,
  is_active boolean default CAST('f' AS BOOLEAN),
  training_date timestamp with time zone,
  performance_metrics json,
  model_path varchar,
  created_at timestamp with time zone default now() not null,
  created_by bigint,
  site_id varchar default '' not null,
  CHECK((algorithm_type IN ('LINUCB', 'THOMPSON_SAMPLING', 'DQN'))),
  PRIMARY KEY(site_id, id),
  UNIQUE(site_id, model_name, "version")
);

--- table: saved_group
create table saved_group (
  site_id varchar not null,
  group_key varchar not null,
  description varchar default '' not null,
  members json not null,
  version bigint default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by varchar default '' not null,
  CHECK(("version" >= 1)),
  PRIMARY KEY(site_id, group_key)
);

--- table: schema_migrations
create table schema_migrations (
  number integer not null,
  name varchar not null,
  hash varchar not null,
  applied_at timestamp with time zone default now() not null,
  PRIMARY KEY(number)
);

--- table: sdk_connection
create table sdk_connection (
  site_id varchar not null,
  client_key varchar not null,
  name varchar default '' not null,
  encrypted boolean not null,
  encryption_key varchar not null,
  version bigint default 1 not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  updated_by varchar default '' not null,
  CHECK(("version" >= 1)),
  PRIMARY KEY(site_id, client_key)
);

--- table: site_retention
create table site_retention (
  site_id varchar not null,
  table_name varchar not null,
  archive_after_days integer,
  delete_after_days integer,
  updated_at timestamp with time zone not null,
  CHECK((archive_after_days > 0)),
  CHECK((delete_after_days > 0)),
  CHECK((table_name IN ('events_log', 'user_product_interactions'))),
  PRIMARY KEY(site_id, table_name)
);

--- table: site_windows
create table site_windows (
  site_id varchar not null,
  click_window_min integer,
  cart_window_h integer,
  purchase_window_h integer,
  updated_at timestamp with time zone not null,
  CHECK((cart_window_h BETWEEN 1 AND 2160)),
  CHECK((click_window_min BETWEEN 1 AND 1440)),
  CHECK((purchase_window_h BETWEEN 1 AND 2160)),
  PRIMARY KEY(site_id)
);

--- table: test_exposure
create table test_exposure (
  site_id varchar not null,
  unit_id bigint not null,
  test_key varchar not null,
  visitor_id varchar not null,
  variation_id varchar not null,
  first_at timestamp with time zone not null,
  attributes json not null,
  propensity double not null,
  exposures bigint not null,
  is_mixed boolean not null,
  changed_position bigint not null,
  PRIMARY KEY(unit_id)
);

--- table: test_quantile
create table test_quantile (
  site_id varchar not null,
  test_id uuid not null,
  metric varchar not null,
  variation_id varchar not null,
  people double not null,
  amounts double not null,
  quantile_value double not null,
  low_value double,
  high_value double
);

--- table: test_refresh
create table test_refresh (
  site_id varchar not null,
  test_id uuid not null,
  position bigint not null,
  generation bigint not null,
  mixed_units bigint not null,
  refreshed_at timestamp with time zone not null,
  PRIMARY KEY(site_id, test_id)
);

--- table: test_results
create table test_results (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  ab_test_id uuid not null,
  total_impressions bigint default 0 not null,
  total_conversions bigint default 0 not null,
  duration_days double,
  p_value double,
  effect_size double,
  statistical_power double,
  winning_variation varchar,
  confidence_level double,
  significance_status enum('not significant', 'approaching', 'significant', 'highly significant') default 'Not Significant' not null,
  projected_lift double,
  projected_lift_low double,
  projected_lift_high double,
  estimated_revenue_impact decimal(19,4),
  variation_comparisons json default '[]' not null,
  statistical_details json default '{}' not null,
  calculated_at timestamp with time zone default now() not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK((p_value BETWEEN 0 AND 1)),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, ab_test_id, calculated_at)
);

--- table: test_scope
create table test_scope (
  site_id varchar not null,
  test_id uuid not null,
  unit_id bigint not null,
  is_fresh boolean not null
);

--- table: test_statistic
create table test_statistic (
  site_id varchar not null,
  test_id uuid not null,
  generation bigint not null,
  metric varchar not null,
  variation_id varchar not null,
  dimension varchar not null,
  dimension_value varchar not null,
  cohort_day date not null,
  units double not null,
  y double not null,
  yy double not null,
  d double not null,
  dd double not null,
  yd double not null,
  x double not null,
  xx double not null,
  e double not null,
  ee double not null,
  xe double not null,
  yx double not null,
  de double not null,
  ye double not null,
  xd double not null
);

--- table: test_unit
create table test_unit (
  site_id varchar not null,
  test_id uuid not null,
  unit_id bigint not null,
  variation_id varchar not null,
  cohort_day date not null,
  attributes json not null
);

--- table: test_unit_metric
create table test_unit_metric (
  site_id varchar not null,
  test_id uuid not null,
  unit_id bigint not null,
  metric varchar not null,
  after_value double not null,
  after_denominator double not null,
  before_value double not null,
  before_denominator double not null
);

--- table: test_variations
create table test_variations (
  id uuid default gen_random_uuid() not null,
  user_id bigint not null,
  ab_test_id uuid not null,
  variation_id varchar not null,
  name varchar not null,
  description varchar,
  traffic_percentage double default 50 not null,
  is_control boolean default CAST('f' AS BOOLEAN) not null,
  configuration json default '{}' not null,
  impressions bigint default 0 not null,
  clicks bigint default 0 not null,
  conversions bigint default 0 not null,
  revenue decimal(19,4) default 0 not null,
  ctr double,
  conversion_rate double,
  revenue_per_visitor double,
  confidence_interval_low double,
  confidence_interval_high double,
  statistical_power double,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  CHECK(((conversions >= 0) AND (revenue >= 0))),
  CHECK(((impressions >= 0) AND (clicks >= 0))),
  CHECK(((traffic_percentage > 0) AND (traffic_percentage <= 100))),
  PRIMARY KEY(user_id, id),
  UNIQUE(user_id, ab_test_id, "name"),
  UNIQUE(user_id, ab_test_id, variation_id)
);

--- table: user_context_features
create table user_context_features (
  id bigint default nextval('user_context_features_id_sequence') not null,
  user_id bigint not null,
  feature_vector json not null,
  last_updated timestamp with time zone default now() not null,
  site_id varchar default '' not null
);

--- table: user_events
create table user_events (
  id bigint default nextval('user_events_id_sequence') not null,
  session_id varchar not null,
  visitor_id varchar not null,
  site_id varchar not null,
  event_type varchar not null,
  event_timestamp timestamp with time zone not null,
  page_url varchar,
  page_path varchar,
  event_data json,
  element_tag varchar,
  element_classes varchar,
  element_id varchar,
  scroll_percentage integer,
  form_id varchar
);

--- table: user_product_interactions
create table user_product_interactions (
  id bigint default nextval('user_product_interactions_id_sequence') not null,
  user_id bigint not null,
  product_id bigint not null,
  interaction_type varchar not null,
  session_id varchar,
  timestamp timestamp with time zone default now() not null,
  context json,
  reward decimal(10,2) default 0.00,
  site_id varchar default '' not null,
  visitor_id varchar,
  item_id varchar,
  quantity decimal(12,3),
  price decimal(19,4),
  decision_id uuid
);

--- table: user_profiles
create table user_profiles (
  id uuid default gen_random_uuid() not null,
  user_id varchar not null,
  website_id uuid not null,
  lifecycle_stage varchar,
  funnel_position varchar,
  session_count integer default 0,
  total_pageviews integer default 0,
  total_events integer default 0,
  total_purchases integer default 0,
  total_revenue decimal(19,4) default 0,
  avg_session_duration integer,
  avg_time_on_page integer,
  avg_scroll_depth integer,
  bounce_rate decimal(5,4),
  favorite_categories json,
  favorite_products json,
  price_sensitivity varchar,
  preferred_brands json,
  device_preference varchar,
  first_visit timestamp with time zone,
  last_visit timestamp with time zone,
  created_at timestamp with time zone default now(),
  updated_at timestamp with time zone default now(),
  CHECK((device_preference IN ('mobile', 'tablet', 'desktop'))),
  CHECK((funnel_position IN ('awareness', 'consideration', 'decision', 'retention'))),
  CHECK((lifecycle_stage IN ('new', 'active', 'at_risk', 'churned'))),
  CHECK((price_sensitivity IN ('low', 'medium', 'high')))
);

--- table: user_sessions_cold
create table user_sessions_cold (
  session_key bigint not null,
  session_id varchar not null,
  visitor_id varchar not null,
  site_id varchar not null,
  stream integer not null,
  session_start timestamp with time zone not null,
  last_event_at timestamp with time zone not null,
  pageview_count integer not null,
  event_count integer not null,
  engaged_count integer not null,
  entry_url varchar,
  entry_path varchar,
  entry_title varchar,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar,
  referrer_type varchar not null,
  referrer_platform varchar,
  original_referrer varchar,
  user_agent varchar,
  browser_language varchar,
  timezone varchar,
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio decimal(3,2),
  browser varchar,
  os varchar,
  device_type varchar not null,
  country varchar,
  user_id varchar,
  user_at timestamp with time zone,
  user_position bigint,
  lead_at timestamp with time zone not null,
  lead_position bigint not null,
  last_position bigint not null,
  exit_url varchar,
  exit_path varchar,
  exit_at timestamp with time zone,
  exit_position bigint
);

--- table: users
create table users (
  id bigint not null,
  site_id varchar not null,
  external_id varchar not null,
  is_known boolean default CAST('f' AS BOOLEAN) not null,
  first_seen_at timestamp with time zone,
  created_at timestamp with time zone default now() not null
);

--- table: website
create table website (
  website_id uuid not null,
  site_id varchar not null,
  domain varchar not null,
  name varchar not null,
  timezone varchar default 'UTC' not null,
  currency varchar default 'EUR' not null,
  public_key varchar,
  allowed_origins json default '[]' not null,
  store_ip boolean default CAST('t' AS BOOLEAN) not null,
  rewards json,
  account_id bigint,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  deleted_at timestamp with time zone,
  CHECK((site_id = CAST(website_id AS VARCHAR))),
  PRIMARY KEY(website_id),
  UNIQUE(site_id)
);

--- index: idx_ab_tests_significance_status
CREATE INDEX idx_ab_tests_significance_status ON ab_tests(significance_status);

--- index: idx_ab_tests_start_date
CREATE INDEX idx_ab_tests_start_date ON ab_tests(start_date);

--- index: idx_ab_tests_status
CREATE INDEX idx_ab_tests_status ON ab_tests(status);

--- index: idx_ab_tests_test_type
CREATE INDEX idx_ab_tests_test_type ON ab_tests(test_type);

--- index: idx_ab_tests_user_id
CREATE INDEX idx_ab_tests_user_id ON ab_tests(user_id);

--- index: idx_ab_tests_user_id_status
CREATE INDEX idx_ab_tests_user_id_status ON ab_tests(user_id, status);

--- index: idx_campaign_personalization_settings_auto_optimization_enabled
CREATE INDEX idx_campaign_personalization_settings_auto_optimization_enabled ON campaign_personalization_settings(auto_optimization_enabled);

--- index: idx_campaign_personalization_settings_campaign_id
CREATE INDEX idx_campaign_personalization_settings_campaign_id ON campaign_personalization_settings(campaign_id);

--- index: idx_campaign_personalization_settings_personalization_level
CREATE INDEX idx_campaign_personalization_settings_personalization_level ON campaign_personalization_settings(personalization_level);

--- index: idx_campaign_personalization_settings_user_id
CREATE INDEX idx_campaign_personalization_settings_user_id ON campaign_personalization_settings(user_id);

--- index: idx_campaign_recommendations_campaign_type
CREATE INDEX idx_campaign_recommendations_campaign_type ON campaign_recommendations(campaign_type);

--- index: idx_campaign_recommendations_confidence_score
CREATE INDEX idx_campaign_recommendations_confidence_score ON campaign_recommendations(confidence_score);

--- index: idx_campaign_recommendations_created_at
CREATE INDEX idx_campaign_recommendations_created_at ON campaign_recommendations(created_at);

--- index: idx_campaign_recommendations_implementation_status
CREATE INDEX idx_campaign_recommendations_implementation_status ON campaign_recommendations(implementation_status);

--- index: idx_campaign_recommendations_user_id
CREATE INDEX idx_campaign_recommendations_user_id ON campaign_recommendations(user_id);

--- index: idx_content_templates_category
CREATE INDEX idx_content_templates_category ON content_templates(category);

--- index: idx_content_templates_is_active
CREATE INDEX idx_content_templates_is_active ON content_templates(is_active);

--- index: idx_content_templates_is_public
CREATE INDEX idx_content_templates_is_public ON content_templates(is_public);

--- index: idx_content_templates_performance_score
CREATE INDEX idx_content_templates_performance_score ON content_templates(performance_score);

--- index: idx_content_templates_template_type
CREATE INDEX idx_content_templates_template_type ON content_templates(template_type);

--- index: idx_content_templates_usage_count
CREATE INDEX idx_content_templates_usage_count ON content_templates(usage_count);

--- index: idx_content_templates_user_id
CREATE INDEX idx_content_templates_user_id ON content_templates(user_id);

--- index: idx_learning_insights_confidence_score
CREATE INDEX idx_learning_insights_confidence_score ON learning_insights(confidence_score);

--- index: idx_learning_insights_discovered_at
CREATE INDEX idx_learning_insights_discovered_at ON learning_insights(discovered_at);

--- index: idx_learning_insights_implementation_status
CREATE INDEX idx_learning_insights_implementation_status ON learning_insights(implementation_status);

--- index: idx_learning_insights_improvement_percentage
CREATE INDEX idx_learning_insights_improvement_percentage ON learning_insights(improvement_percentage);

--- index: idx_learning_insights_insight_type
CREATE INDEX idx_learning_insights_insight_type ON learning_insights(insight_type);

--- index: idx_learning_insights_user_id
CREATE INDEX idx_learning_insights_user_id ON learning_insights(user_id);

--- index: idx_meta_user_profiles_budget_range
CREATE INDEX idx_meta_user_profiles_budget_range ON meta_user_profiles(budget_range);

--- index: idx_meta_user_profiles_business_size
CREATE INDEX idx_meta_user_profiles_business_size ON meta_user_profiles(business_size);

--- index: idx_meta_user_profiles_industry
CREATE INDEX idx_meta_user_profiles_industry ON meta_user_profiles(industry);

--- index: idx_meta_user_profiles_primary_objective
CREATE INDEX idx_meta_user_profiles_primary_objective ON meta_user_profiles(primary_objective);

--- index: idx_meta_user_profiles_updated_at
CREATE INDEX idx_meta_user_profiles_updated_at ON meta_user_profiles(updated_at);

--- index: idx_meta_user_profiles_user_id
CREATE INDEX idx_meta_user_profiles_user_id ON meta_user_profiles(user_id);

--- index: idx_performance_patterns_confidence_level
CREATE INDEX idx_performance_patterns_confidence_level ON performance_patterns(confidence_level);

--- index: idx_performance_patterns_frequency
CREATE INDEX idx_performance_patterns_frequency ON performance_patterns(frequency);

--- index: idx_performance_patterns_last_observed
CREATE INDEX idx_performance_patterns_last_observed ON performance_patterns(last_observed);

--- index: idx_performance_patterns_pattern_type
CREATE INDEX idx_performance_patterns_pattern_type ON performance_patterns(pattern_type);

--- index: idx_performance_patterns_user_id
CREATE INDEX idx_performance_patterns_user_id ON performance_patterns(user_id);

--- index: idx_personalized_content_campaign_id
CREATE INDEX idx_personalized_content_campaign_id ON personalized_content(campaign_id);

--- index: idx_personalized_content_content_type
CREATE INDEX idx_personalized_content_content_type ON personalized_content(content_type);

--- index: idx_personalized_content_created_at
CREATE INDEX idx_personalized_content_created_at ON personalized_content(created_at);

--- index: idx_personalized_content_engagement_score
CREATE INDEX idx_personalized_content_engagement_score ON personalized_content(engagement_score);

--- index: idx_personalized_content_performance_vs_template
CREATE INDEX idx_personalized_content_performance_vs_template ON personalized_content(performance_vs_template);

--- index: idx_personalized_content_template_id
CREATE INDEX idx_personalized_content_template_id ON personalized_content(template_id);

--- index: idx_personalized_content_user_id
CREATE INDEX idx_personalized_content_user_id ON personalized_content(user_id);

--- index: idx_test_results_ab_test_id
CREATE INDEX idx_test_results_ab_test_id ON test_results(ab_test_id);

--- index: idx_test_results_calculated_at
CREATE INDEX idx_test_results_calculated_at ON test_results(calculated_at);

--- index: idx_test_results_confidence_level
CREATE INDEX idx_test_results_confidence_level ON test_results(confidence_level);

--- index: idx_test_results_significance_status
CREATE INDEX idx_test_results_significance_status ON test_results(significance_status);

--- index: idx_test_variations_ab_test_id
CREATE INDEX idx_test_variations_ab_test_id ON test_variations(ab_test_id);

--- index: idx_test_variations_conversion_rate
CREATE INDEX idx_test_variations_conversion_rate ON test_variations(conversion_rate);

--- index: idx_test_variations_ctr
CREATE INDEX idx_test_variations_ctr ON test_variations(ctr);

--- index: idx_test_variations_variation_id
CREATE INDEX idx_test_variations_variation_id ON test_variations(variation_id);

--- view: active_sessions
create view active_sessions (
  session_id varchar,
  visitor_id varchar,
  site_id varchar,
  session_start timestamp with time zone,
  session_end timestamp with time zone,
  duration_seconds integer,
  pageview_count integer,
  event_count integer,
  bounce boolean,
  entry_url varchar,
  entry_path varchar,
  entry_title varchar,
  exit_url varchar,
  exit_path varchar,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar,
  referrer_type varchar,
  referrer_platform varchar,
  original_referrer varchar,
  user_agent varchar,
  browser_language varchar,
  timezone varchar,
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio decimal(3,2),
  session_key bigint,
  stream integer,
  last_event_at timestamp with time zone,
  engaged_count integer,
  browser varchar,
  os varchar,
  device_type varchar,
  country varchar,
  user_id varchar,
  user_at timestamp with time zone,
  user_position bigint,
  lead_position bigint,
  last_position bigint,
  exit_position bigint,
  exit_at timestamp with time zone,
  session_age interval
);

--- view: page_performance
create view page_performance (
  site_id varchar,
  path varchar,
  total_views bigint,
  avg_time_on_page double,
  unique_sessions bigint,
  bounce_rate double
);

--- view: pageviews
create view pageviews (
  id bigint,
  session_id varchar,
  visitor_id varchar,
  site_id varchar,
  url varchar,
  path varchar,
  title varchar,
  query_params varchar,
  hash_fragment varchar,
  view_timestamp timestamp with time zone,
  time_on_page_seconds integer,
  referrer varchar,
  internal_referrer boolean,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar,
  session_key bigint
);

--- view: traffic_sources
create view traffic_sources (
  site_id varchar,
  referrer_type varchar,
  sessions bigint,
  unique_visitors bigint,
  avg_session_duration double,
  avg_pages_per_session double
);

--- view: user_sessions
create view user_sessions (
  session_id varchar,
  visitor_id varchar,
  site_id varchar,
  session_start timestamp with time zone,
  session_end timestamp with time zone,
  duration_seconds integer,
  pageview_count integer,
  event_count integer,
  bounce boolean,
  entry_url varchar,
  entry_path varchar,
  entry_title varchar,
  exit_url varchar,
  exit_path varchar,
  utm_source varchar,
  utm_medium varchar,
  utm_campaign varchar,
  utm_content varchar,
  utm_term varchar,
  referrer_type varchar,
  referrer_platform varchar,
  original_referrer varchar,
  user_agent varchar,
  browser_language varchar,
  timezone varchar,
  screen_width integer,
  screen_height integer,
  viewport_width integer,
  viewport_height integer,
  device_pixel_ratio decimal(3,2),
  session_key bigint,
  stream integer,
  last_event_at timestamp with time zone,
  engaged_count integer,
  browser varchar,
  os varchar,
  device_type varchar,
  country varchar,
  user_id varchar,
  user_at timestamp with time zone,
  user_position bigint,
  lead_position bigint,
  last_position bigint,
  exit_position bigint,
  exit_at timestamp with time zone
);

--- macro: interaction_reward
create macro interaction_reward(interaction_type) as CASE  WHEN ((interaction_type = 'VIEW')) THEN (0.1) WHEN ((interaction_type = 'CLICK')) THEN (0.5) WHEN ((interaction_type = 'CART_ADD')) THEN (2.0) WHEN ((interaction_type = 'PURCHASE')) THEN (10.0) WHEN ((interaction_type = 'WISHLIST')) THEN (1.0) WHEN ((interaction_type = 'REMOVE_CART')) THEN (-1.0) WHEN ((interaction_type = 'REMOVE_WISHLIST')) THEN (-0.5) ELSE NULL END;

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
