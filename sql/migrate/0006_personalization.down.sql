-- Takes back 0006_personalization.up: campaigns, tests, templates and all that was learned go.

drop table campaign_personalization_settings;
drop table personalized_content;
drop table performance_patterns;
drop table learning_insights;
drop table test_results;
drop table test_variations;
drop table ab_tests;
drop table campaign_recommendations;
drop table meta_user_profiles;
drop table campaign_stats_daily;
drop table content_templates;
drop table campaigns;

drop type BusinessSizeEnum;
drop type BudgetRangeEnum;
drop type AgeGroupEnum;
drop type BrandVoiceEnum;
drop type CampaignObjectiveEnum;
drop type ContentPreferenceEnum;
drop type PlatformPriorityEnum;
drop type TestStatusEnum;
drop type TestTypeEnum;
drop type StatisticalSignificanceEnum;
