-- Empties the tables that people edit, but for the catalogue, before they are copied from another
-- database.
delete from account;

delete from website;

delete from ml_models;

delete from api_key;

delete from login;

delete from audit_log;

delete from import_stream;

delete from campaign_personalization_settings;

delete from personalized_content;

delete from performance_patterns;

delete from learning_insights;

delete from test_results;

delete from test_variations;

delete from ab_tests;

delete from campaign_recommendations;

delete from meta_user_profiles;

delete from campaign_stats_daily;

delete from content_templates;

delete from campaigns;

delete from erased_person;

delete from site_retention;

delete from site_windows;

delete from retention_mark;

delete from maintenance_run;

delete from archive_file;

delete from placement;

delete from placement_rule;

delete from content_slot;

delete from rl_model_metadata;

delete from user_profiles;

delete from user_context_features;

delete from gorse_site;

delete from gorse_user;

delete from gorse_feedback;

delete from feature_flag;

delete from saved_group;

delete from sdk_connection;
