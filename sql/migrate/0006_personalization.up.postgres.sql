-- Campaigns, and the ten personalization tables of the source. docs/schema.md lists keys, checks,
-- indexes, and what was added.
-- Rows belong to an account: user_id is account.id, leads every key, and is part of every reference,
-- so that none can reach another account's row (row-level security does not filter foreign keys).

create type BusinessSizeEnum as enum ('Startup', 'SMB', 'Enterprise');
create type BudgetRangeEnum as enum ('Micro', 'Small', 'Medium', 'Large', 'Enterprise');
create type AgeGroupEnum as enum ('Gen Z', 'Millennial', 'Gen X', 'Boomer');
create type BrandVoiceEnum as enum (
  'Professional', 'Casual', 'Playful', 'Luxury', 'Authentic', 'Bold'
);
create type CampaignObjectiveEnum as enum (
  'Brand Awareness', 'Lead Generation', 'Sales', 'Engagement', 'Traffic', 'App Installs'
);
create type ContentPreferenceEnum as enum ('Video First', 'Image Heavy', 'Text Focused', 'Mixed');
create type PlatformPriorityEnum as enum ('Instagram', 'Facebook', 'TikTok', 'LinkedIn', 'YouTube');
create type TestStatusEnum as enum ('Draft', 'Active', 'Paused', 'Completed', 'Cancelled');
create type TestTypeEnum as enum ('Simple A/B', 'Multivariate', 'Split URL', 'Content Variation');
create type StatisticalSignificanceEnum as enum (
  'Not Significant', 'Approaching', 'Significant', 'Highly Significant'
);

create table campaigns (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  name varchar(255) not null,
  description text,
  objective CampaignObjectiveEnum,
  platform PlatformPriorityEnum,
  status varchar(30) not null default 'draft',
  budget decimal(19, 4),
  currency varchar(3),
  start_date date,
  end_date date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaigns_pkey primary key (user_id, id),
  constraint campaigns_name_key unique (user_id, name),
  constraint campaigns_budget_check check (budget >= 0),
  constraint campaigns_dates_check check (end_date >= start_date),
  constraint campaigns_account_fkey foreign key (user_id)
    references account (id) on delete cascade
);

create table content_templates (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  name varchar(255) not null,
  version bigint not null default 1,
  description text,
  template_type varchar(30) not null,
  category varchar(100),
  base_prompt text not null,
  personalization_variables jsonb not null default '[]',
  style_parameters jsonb not null default '{}',
  usage_count bigint not null default 0,
  performance_score double precision,
  success_rate double precision,
  target_industries jsonb not null default '[]',
  target_objectives jsonb not null default '[]',
  target_demographics jsonb not null default '{}',
  is_active boolean not null default true,
  is_public boolean not null default false,
  created_by varchar(100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint content_templates_pkey primary key (user_id, id),
  constraint content_templates_name_key unique (user_id, name, version),
  constraint content_templates_performance_score_check check (performance_score between 0 and 1),
  constraint content_templates_account_fkey foreign key (user_id)
    references account (id) on delete cascade
);

create table campaign_stats_daily (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  campaign_id uuid not null,
  day date not null,
  platform varchar(50) not null default '',
  audience varchar(100) not null default '',
  template_id uuid,
  impressions bigint not null default 0,
  clicks bigint not null default 0,
  conversions bigint not null default 0,
  revenue decimal(19, 4) not null default 0,
  spend decimal(19, 4) not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaign_stats_daily_pkey primary key (user_id, id),
  constraint campaign_stats_daily_day_key
    unique nulls not distinct (user_id, campaign_id, day, platform, audience, template_id),
  constraint campaign_stats_daily_clicks_check check (clicks <= impressions),
  constraint campaign_stats_daily_counts_check
    check (impressions >= 0 and clicks >= 0 and conversions >= 0 and revenue >= 0 and spend >= 0),
  constraint campaign_stats_daily_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint campaign_stats_daily_campaign_fkey foreign key (user_id, campaign_id)
    references campaigns (user_id, id) on delete cascade,
  constraint campaign_stats_daily_template_fkey foreign key (user_id, template_id)
    references content_templates (user_id, id)
);

create table meta_user_profiles (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  business_size BusinessSizeEnum,
  industry varchar(100),
  website varchar(500),
  years_in_business bigint,
  monthly_budget decimal(19, 4),
  budget_range BudgetRangeEnum,
  primary_objective CampaignObjectiveEnum,
  secondary_objectives jsonb not null default '[]',
  primary_age_group AgeGroupEnum,
  target_age_groups jsonb not null default '[]',
  target_locations jsonb not null default '[]',
  target_interests jsonb not null default '[]',
  target_behaviors jsonb not null default '[]',
  brand_voice BrandVoiceEnum,
  content_preference ContentPreferenceEnum,
  primary_platform PlatformPriorityEnum,
  platform_priorities jsonb not null default '[]',
  brand_colors jsonb not null default '[]',
  roi_focus double precision not null default 0.5,
  risk_tolerance double precision not null default 0.5,
  automation_level double precision not null default 0.5,
  campaign_history jsonb not null default '{}',
  performance_patterns jsonb not null default '{}',
  learned_preferences jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint meta_user_profiles_pkey primary key (user_id, id),
  constraint meta_user_profiles_account_key unique (user_id),
  constraint meta_user_profiles_monthly_budget_check check (monthly_budget >= 0),
  constraint meta_user_profiles_risk_tolerance_check check (risk_tolerance between 0 and 1),
  constraint meta_user_profiles_automation_level_check check (automation_level between 0 and 1),
  constraint meta_user_profiles_account_fkey foreign key (user_id)
    references account (id) on delete cascade
);

create table campaign_recommendations (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  name varchar(255) not null,
  campaign_type varchar(50) not null,
  description text,
  reasoning text,
  content_prompts jsonb not null default '[]',
  content_templates jsonb not null default '[]',
  content_style varchar(100),
  content_type varchar(50),
  recommended_budget decimal(19, 4),
  target_audience jsonb not null default '{}',
  platform_allocation jsonb not null default '{}',
  predicted_ctr double precision,
  predicted_engagement double precision,
  predicted_conversion double precision,
  predicted_roi double precision,
  prediction_intervals jsonb not null default '{}',
  confidence_score double precision,
  implementation_status varchar(30) not null default 'proposed',
  implemented_campaign_id uuid,
  implemented_at timestamptz,
  actual_ctr double precision,
  actual_engagement double precision,
  actual_conversion double precision,
  actual_roi double precision,
  method varchar(100),
  basis varchar(30),
  n bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaign_recommendations_pkey primary key (user_id, id),
  constraint campaign_recommendations_name_key unique (user_id, name, created_at),
  constraint campaign_recommendations_confidence_score_check
    check (confidence_score between 0 and 1),
  constraint campaign_recommendations_recommended_budget_check check (recommended_budget > 0),
  constraint campaign_recommendations_predicted_ctr_check check (predicted_ctr between 0 and 1),
  constraint campaign_recommendations_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint campaign_recommendations_profile_fkey foreign key (user_id)
    references meta_user_profiles (user_id),
  constraint campaign_recommendations_implemented_campaign_fkey foreign key (user_id, implemented_campaign_id)
    references campaigns (user_id, id) on delete set null (implemented_campaign_id)
);

create table ab_tests (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  campaign_id uuid,
  name varchar(255) not null,
  test_type TestTypeEnum not null default 'Simple A/B',
  hypothesis text,
  confidence_threshold double precision not null default 0.95,
  sample_size bigint,
  duration_days bigint,
  traffic_split jsonb not null default '{}',
  status TestStatusEnum not null default 'Draft',
  start_date timestamptz,
  end_date timestamptz,
  winning_variation varchar(100),
  confidence_level double precision,
  significance_status StatisticalSignificanceEnum not null default 'Not Significant',
  p_value double precision,
  projected_lift double precision,
  revenue_impact decimal(19, 4),
  engine varchar(30) not null default 'frequentist',
  primary_metric varchar(100),
  guardrail_metrics jsonb not null default '[]',
  hash_attribute varchar(100) not null default 'visitor_id',
  hash_version bigint not null default 2,
  seed varchar(100) not null default cast(gen_random_uuid() as varchar),
  coverage double precision not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint ab_tests_pkey primary key (user_id, id),
  constraint ab_tests_name_key unique (user_id, name),
  constraint ab_tests_seed_key unique (user_id, seed),
  constraint ab_tests_confidence_threshold_check
    check (confidence_threshold > 0.5 and confidence_threshold < 1),
  constraint ab_tests_sample_size_check check (sample_size > 0),
  constraint ab_tests_dates_check check (end_date >= start_date),
  constraint ab_tests_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint ab_tests_profile_fkey foreign key (user_id)
    references meta_user_profiles (user_id),
  constraint ab_tests_campaign_fkey foreign key (user_id, campaign_id)
    references campaigns (user_id, id) on delete set null (campaign_id)
);

create table test_variations (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  ab_test_id uuid not null,
  variation_id varchar(100) not null,
  name varchar(255) not null,
  description text,
  traffic_percentage double precision not null default 50,
  is_control boolean not null default false,
  configuration jsonb not null default '{}',
  impressions bigint not null default 0,
  clicks bigint not null default 0,
  conversions bigint not null default 0,
  revenue decimal(19, 4) not null default 0,
  ctr double precision,
  conversion_rate double precision,
  revenue_per_visitor double precision,
  confidence_interval_low double precision,
  confidence_interval_high double precision,
  statistical_power double precision,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint test_variations_pkey primary key (user_id, id),
  constraint test_variations_variation_key unique (user_id, ab_test_id, variation_id),
  constraint test_variations_name_key unique (user_id, ab_test_id, name),
  constraint test_variations_traffic_percentage_check
    check (traffic_percentage > 0 and traffic_percentage <= 100),
  constraint test_variations_exposure_check check (impressions >= 0 and clicks >= 0),
  constraint test_variations_outcome_check check (conversions >= 0 and revenue >= 0),
  constraint test_variations_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint test_variations_ab_test_fkey foreign key (user_id, ab_test_id)
    references ab_tests (user_id, id) on delete cascade
);

create table test_results (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  ab_test_id uuid not null,
  total_impressions bigint not null default 0,
  total_conversions bigint not null default 0,
  duration_days double precision,
  p_value double precision,
  effect_size double precision,
  statistical_power double precision,
  winning_variation varchar(100),
  confidence_level double precision,
  significance_status StatisticalSignificanceEnum not null default 'Not Significant',
  projected_lift double precision,
  projected_lift_low double precision,
  projected_lift_high double precision,
  estimated_revenue_impact decimal(19, 4),
  variation_comparisons jsonb not null default '[]',
  statistical_details jsonb not null default '{}',
  calculated_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint test_results_pkey primary key (user_id, id),
  constraint test_results_calculated_at_key unique (user_id, ab_test_id, calculated_at),
  constraint test_results_p_value_check check (p_value between 0 and 1),
  constraint test_results_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint test_results_ab_test_fkey foreign key (user_id, ab_test_id)
    references ab_tests (user_id, id) on delete cascade
);

create table learning_insights (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  campaign_id uuid,
  insight_type varchar(30) not null,
  category varchar(100),
  title varchar(255) not null,
  description text,
  fingerprint varchar(64) not null,
  baseline_performance jsonb not null default '{}',
  improved_performance jsonb not null default '{}',
  improvement_percentage double precision,
  identified_patterns jsonb not null default '[]',
  contributing_factors jsonb not null default '[]',
  correlations jsonb not null default '{}',
  optimization_suggestions jsonb not null default '[]',
  priority varchar(30) not null default 'medium',
  expected_impact double precision,
  confidence_score double precision,
  sample_size bigint,
  period_start date,
  period_end date,
  data_quality double precision,
  implementation_status varchar(30) not null default 'new',
  implementation_result jsonb not null default '{}',
  basis varchar(30),
  method varchar(100),
  discovered_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint learning_insights_pkey primary key (user_id, id),
  constraint learning_insights_fingerprint_key unique (user_id, fingerprint),
  constraint learning_insights_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint learning_insights_profile_fkey foreign key (user_id)
    references meta_user_profiles (user_id),
  constraint learning_insights_campaign_fkey foreign key (user_id, campaign_id)
    references campaigns (user_id, id) on delete set null (campaign_id)
);

create table performance_patterns (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  pattern_type varchar(30) not null,
  name varchar(255) not null,
  description text,
  conditions jsonb not null default '[]',
  condition_hash varchar(64) not null,
  performance_impact double precision,
  frequency double precision,
  confidence_level double precision,
  p_value double precision,
  effect_size double precision,
  campaigns_analyzed bigint,
  period_start date not null,
  period_end date,
  first_observed timestamptz,
  last_observed timestamptz,
  actionable_insights jsonb not null default '[]',
  automation_potential double precision,
  method varchar(100),
  basis varchar(30),
  n bigint,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint performance_patterns_pkey primary key (user_id, id),
  constraint performance_patterns_condition_key unique (user_id, condition_hash, period_start),
  constraint performance_patterns_account_fkey foreign key (user_id)
    references account (id) on delete cascade
);

create table personalized_content (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  campaign_id uuid,
  template_id uuid not null,
  content_type varchar(50) not null,
  context_hash varchar(64) not null,
  personalized_prompt text,
  personalization_context jsonb not null default '{}',
  file_path varchar(500),
  file_url varchar(2048),
  file_size bigint,
  content_metadata jsonb not null default '{}',
  variables_used jsonb not null default '{}',
  targeting_configuration jsonb not null default '{}',
  impressions bigint not null default 0,
  clicks bigint not null default 0,
  conversions bigint not null default 0,
  engagement_score double precision,
  performance_vs_template double precision,
  model_used varchar(100) not null default 'template',
  generation_ms bigint,
  generation_cost decimal(19, 4) not null default 0,
  quality_score double precision,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint personalized_content_pkey primary key (user_id, id),
  constraint personalized_content_context_key
    unique (user_id, template_id, campaign_id, context_hash),
  constraint personalized_content_quality_score_check check (quality_score between 0 and 1),
  constraint personalized_content_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint personalized_content_campaign_fkey foreign key (user_id, campaign_id)
    references campaigns (user_id, id) on delete set null (campaign_id),
  constraint personalized_content_template_fkey foreign key (user_id, template_id)
    references content_templates (user_id, id) on delete cascade
);

create table campaign_personalization_settings (
  id uuid not null default gen_random_uuid(),
  user_id bigint not null,
  campaign_id uuid not null,
  personalization_level varchar(30) not null default 'off',
  auto_optimization_enabled boolean not null default false,
  dynamic_content_enabled boolean not null default false,
  adaptive_bidding_enabled boolean not null default false,
  audience_settings jsonb not null default '{}',
  demographic_weights jsonb not null default '{}',
  behavioral_triggers jsonb not null default '[]',
  rotation_strategy varchar(30) not null default 'even',
  content_templates jsonb not null default '[]',
  dynamic_elements jsonb not null default '{}',
  budget_allocation_strategy varchar(30) not null default 'fixed',
  bid_adjustments jsonb not null default '{}',
  performance_targets jsonb not null default '{}',
  learning_priority varchar(30) not null default 'medium',
  optimization_frequency varchar(30) not null default 'daily',
  performance_thresholds jsonb not null default '{}',
  ab_testing_enabled boolean not null default false,
  predictive_scaling_enabled boolean not null default false,
  real_time_optimization_enabled boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint campaign_personalization_settings_pkey primary key (user_id, id),
  constraint campaign_personalization_settings_campaign_key unique (user_id, campaign_id),
  constraint campaign_personalization_settings_account_fkey foreign key (user_id)
    references account (id) on delete cascade,
  constraint campaign_personalization_settings_campaign_fkey foreign key (user_id, campaign_id)
    references campaigns (user_id, id) on delete cascade
);

create index idx_meta_user_profiles_user_id on meta_user_profiles (user_id);
create index idx_meta_user_profiles_industry on meta_user_profiles (industry);
create index idx_meta_user_profiles_business_size on meta_user_profiles (business_size);
create index idx_meta_user_profiles_budget_range on meta_user_profiles (budget_range);
create index idx_meta_user_profiles_primary_objective on meta_user_profiles (primary_objective);
create index idx_meta_user_profiles_updated_at on meta_user_profiles (updated_at);
create index idx_campaign_recommendations_user_id on campaign_recommendations (user_id);
create index idx_campaign_recommendations_campaign_type on campaign_recommendations (campaign_type);
create index idx_campaign_recommendations_confidence_score
  on campaign_recommendations (confidence_score);
create index idx_campaign_recommendations_created_at on campaign_recommendations (created_at);
create index idx_campaign_recommendations_implementation_status
  on campaign_recommendations (implementation_status);
create index idx_ab_tests_user_id on ab_tests (user_id);
create index idx_ab_tests_status on ab_tests (status);
create index idx_ab_tests_test_type on ab_tests (test_type);
create index idx_ab_tests_start_date on ab_tests (start_date);
create index idx_ab_tests_significance_status on ab_tests (significance_status);
create index idx_ab_tests_user_id_status on ab_tests (user_id, status);
create index idx_test_variations_ab_test_id on test_variations (ab_test_id);
create index idx_test_variations_variation_id on test_variations (variation_id);
create index idx_test_variations_conversion_rate on test_variations (conversion_rate);
create index idx_test_variations_ctr on test_variations (ctr);
create index idx_test_results_ab_test_id on test_results (ab_test_id);
create index idx_test_results_significance_status on test_results (significance_status);
create index idx_test_results_calculated_at on test_results (calculated_at);
create index idx_test_results_confidence_level on test_results (confidence_level);
create index idx_learning_insights_user_id on learning_insights (user_id);
create index idx_learning_insights_insight_type on learning_insights (insight_type);
create index idx_learning_insights_confidence_score on learning_insights (confidence_score);
create index idx_learning_insights_improvement_percentage
  on learning_insights (improvement_percentage);
create index idx_learning_insights_implementation_status
  on learning_insights (implementation_status);
create index idx_learning_insights_discovered_at on learning_insights (discovered_at);
create index idx_performance_patterns_user_id on performance_patterns (user_id);
create index idx_performance_patterns_pattern_type on performance_patterns (pattern_type);
create index idx_performance_patterns_confidence_level on performance_patterns (confidence_level);
create index idx_performance_patterns_frequency on performance_patterns (frequency);
create index idx_performance_patterns_last_observed on performance_patterns (last_observed);
create index idx_content_templates_user_id on content_templates (user_id);
create index idx_content_templates_template_type on content_templates (template_type);
create index idx_content_templates_category on content_templates (category);
create index idx_content_templates_performance_score on content_templates (performance_score);
create index idx_content_templates_usage_count on content_templates (usage_count);
create index idx_content_templates_is_active on content_templates (is_active);
create index idx_content_templates_is_public on content_templates (is_public);
create index idx_personalized_content_user_id on personalized_content (user_id);
create index idx_personalized_content_campaign_id on personalized_content (campaign_id);
create index idx_personalized_content_template_id on personalized_content (template_id);
create index idx_personalized_content_content_type on personalized_content (content_type);
create index idx_personalized_content_engagement_score on personalized_content (engagement_score);
create index idx_personalized_content_performance_vs_template
  on personalized_content (performance_vs_template);
create index idx_personalized_content_created_at on personalized_content (created_at);
create index idx_campaign_personalization_settings_campaign_id
  on campaign_personalization_settings (campaign_id);
create index idx_campaign_personalization_settings_user_id
  on campaign_personalization_settings (user_id);
create index idx_campaign_personalization_settings_personalization_level
  on campaign_personalization_settings (personalization_level);
create index idx_campaign_personalization_settings_auto_optimization_enabled
  on campaign_personalization_settings (auto_optimization_enabled);
