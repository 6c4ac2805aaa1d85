#include "campaign/tables.h"

#include <algorithm>

namespace attune::campaign {
namespace {

constexpr Column text(std::string_view name, std::size_t bytes_max) {
  return {.name = name, .kind = Kind::text, .bytes_max = bytes_max};
}
constexpr Column long_text(std::string_view name) { return text(name, kTextBytesMax); }
constexpr Column word(std::string_view name, std::span<const std::string_view> words) {
  return {.name = name, .kind = Kind::word, .words = words};
}
constexpr Column number(std::string_view name) { return {.name = name, .kind = Kind::number}; }
constexpr Column share(std::string_view name) { return number(name).at_least(0).at_most(1); }
constexpr Column money(std::string_view name) {
  return Column{.name = name, .kind = Kind::money}.at_least(-kMoneyMax).at_most(kMoneyMax);
}
constexpr Column whole(std::string_view name) {
  return Column{.name = name, .kind = Kind::whole}.at_least(0).at_most(
      static_cast<double>(kWholeMax));
}
constexpr Column flag(std::string_view name) { return {.name = name, .kind = Kind::flag}; }
constexpr Column instant(std::string_view name) { return {.name = name, .kind = Kind::instant}; }
constexpr Column day(std::string_view name) { return {.name = name, .kind = Kind::day}; }
constexpr Column object(std::string_view name) {
  return {.name = name, .kind = Kind::object, .fallback = "{}"};
}
constexpr Column list(std::string_view name) {
  return {.name = name, .kind = Kind::list, .fallback = "[]"};
}
constexpr Column reference(std::string_view name, std::string_view target, OnDelete on_delete) {
  return {.name = name, .kind = Kind::reference, .target = target, .on_delete = on_delete};
}

// The enums of the source; the databases have them as types of these names.
constexpr std::string_view kBusinessSizeEnum[] = {"Startup", "SMB", "Enterprise"};
constexpr std::string_view kBudgetRangeEnum[] = {"Micro", "Small", "Medium", "Large",
    "Enterprise"};
constexpr std::string_view kAgeGroupEnum[] = {"Gen Z", "Millennial", "Gen X", "Boomer"};
constexpr std::string_view kBrandVoiceEnum[] = {"Professional", "Casual", "Playful", "Luxury",
    "Authentic", "Bold"};
constexpr std::string_view kCampaignObjectiveEnum[] = {"Brand Awareness", "Lead Generation",
    "Sales", "Engagement", "Traffic", "App Installs"};
constexpr std::string_view kContentPreferenceEnum[] = {"Video First", "Image Heavy",
    "Text Focused", "Mixed"};
constexpr std::string_view kPlatformPriorityEnum[] = {"Instagram", "Facebook", "TikTok",
    "LinkedIn", "YouTube"};
constexpr std::string_view kTestStatusEnum[] = {"Draft", "Active", "Paused", "Completed",
    "Cancelled"};
constexpr std::string_view kTestTypeEnum[] = {"Simple A/B", "Multivariate", "Split URL",
    "Content Variation"};
constexpr std::string_view kStatisticalSignificanceEnum[] = {"Not Significant", "Approaching",
    "Significant", "Highly Significant"};

// Words that the source leaves open; kept here, not by the database.
constexpr std::string_view kCampaignStatus[] = {"draft", "active", "paused", "completed",
    "cancelled"};
constexpr std::string_view kRecommendationStatus[] = {"proposed", "accepted", "rejected",
    "implemented", "expired"};
constexpr std::string_view kRecommendationBasis[] = {"tenant_history", "prior_only"};
constexpr std::string_view kTestEngine[] = {"frequentist", "sequential", "bayesian", "bandit"};
constexpr std::string_view kInsightType[] = {"experiment_result", "pattern", "timing", "audience",
    "content", "budget"};
constexpr std::string_view kInsightStatus[] = {"new", "accepted", "rejected", "implemented"};
constexpr std::string_view kInsightBasis[] = {"experiment", "observational"};
constexpr std::string_view kPriority[] = {"low", "medium", "high"};
constexpr std::string_view kPatternType[] = {"audience", "timing", "content", "budget",
    "platform"};
constexpr std::string_view kTemplateType[] = {"email", "web_block", "ad_copy", "push", "sms"};
constexpr std::string_view kPersonalizationLevel[] = {"off", "segment", "contextual",
    "individual"};
constexpr std::string_view kRotationStrategy[] = {"even", "weighted", "bandit", "sequential"};
constexpr std::string_view kAllocationStrategy[] = {"fixed", "proportional", "response_curve",
    "thompson"};
constexpr std::string_view kOptimizationFrequency[] = {"hourly", "daily", "weekly"};

constexpr Column kCampaigns[] = {
    text("name", 255).must(),
    long_text("description"),
    word("objective", kCampaignObjectiveEnum),
    word("platform", kPlatformPriorityEnum),
    word("status", kCampaignStatus).otherwise("draft"),
    money("budget").at_least(0),
    text("currency", 3),
    day("start_date"),
    day("end_date"),
};
constexpr Unique kCampaignsUnique[] = {
    {"name", {"name"}},
};

constexpr Column kContentTemplates[] = {
    text("name", 255).must(),
    whole("version").at_least(1).otherwise("1"),
    long_text("description"),
    word("template_type", kTemplateType).must(),
    text("category", 100),
    long_text("base_prompt").must(),
    list("personalization_variables"),
    object("style_parameters"),
    whole("usage_count").otherwise("0"),
    share("performance_score"),
    share("success_rate"),
    list("target_industries"),
    list("target_objectives").each_of(kCampaignObjectiveEnum),
    object("target_demographics"),
    flag("is_active").otherwise("true"),
    flag("is_public").otherwise("false"),
    text("created_by", 100),
};
constexpr Unique kContentTemplatesUnique[] = {
    {"name", {"name", "version"}},
};

constexpr Column kCampaignStatsDaily[] = {
    reference("campaign_id", "campaigns", OnDelete::cascade).must(),
    day("day").must(),
    text("platform", 50).otherwise(""),
    text("audience", 100).otherwise(""),
    reference("template_id", "content_templates", OnDelete::refuse),
    whole("impressions").otherwise("0"),
    whole("clicks").otherwise("0"),
    whole("conversions").otherwise("0"),
    money("revenue").at_least(0).otherwise("0"),
    money("spend").at_least(0).otherwise("0"),
    whole("engagements"),
};
constexpr Unique kCampaignStatsDailyUnique[] = {
    {"day", {"campaign_id", "day", "platform", "audience", "template_id"}},
};

constexpr Column kMetaUserProfiles[] = {
    word("business_size", kBusinessSizeEnum),
    text("industry", 100),
    text("website", 500),
    whole("years_in_business"),
    money("monthly_budget").at_least(0),
    word("budget_range", kBudgetRangeEnum),
    word("primary_objective", kCampaignObjectiveEnum),
    list("secondary_objectives").each_of(kCampaignObjectiveEnum),
    word("primary_age_group", kAgeGroupEnum),
    list("target_age_groups").each_of(kAgeGroupEnum),
    list("target_locations"),
    list("target_interests"),
    list("target_behaviors"),
    word("brand_voice", kBrandVoiceEnum),
    word("content_preference", kContentPreferenceEnum),
    word("primary_platform", kPlatformPriorityEnum),
    list("platform_priorities").each_of(kPlatformPriorityEnum),
    list("brand_colors"),
    share("roi_focus").otherwise("0.5"),
    share("risk_tolerance").otherwise("0.5"),
    share("automation_level").otherwise("0.5"),
    object("campaign_history").read_only(),
    object("performance_patterns").read_only(),
    object("learned_preferences").read_only(),
};
constexpr Unique kMetaUserProfilesUnique[] = {
    {"account", {}},
};

constexpr Column kCampaignRecommendations[] = {
    text("name", 255).must(),
    text("campaign_type", 50).must(),
    long_text("description"),
    long_text("reasoning"),
    list("content_prompts"),
    list("content_templates"),
    text("content_style", 100),
    text("content_type", 50),
    money("recommended_budget").above(0),
    object("target_audience"),
    object("platform_allocation"),
    share("predicted_ctr"),
    number("predicted_engagement").at_least(0),
    share("predicted_conversion"),
    number("predicted_roi").at_least(-1),
    object("prediction_intervals"),
    share("confidence_score"),
    word("implementation_status", kRecommendationStatus).otherwise("proposed"),
    reference("implemented_campaign_id", "campaigns", OnDelete::set_null),
    instant("implemented_at"),
    share("actual_ctr"),
    number("actual_engagement").at_least(0),
    share("actual_conversion"),
    number("actual_roi").at_least(-1),
    text("method", 100),
    word("basis", kRecommendationBasis),
    whole("n"),
};
constexpr Unique kCampaignRecommendationsUnique[] = {
    {"name", {"name", "created_at"}},
};

constexpr Column kAbTests[] = {
    reference("campaign_id", "campaigns", OnDelete::set_null),
    text("name", 255).must(),
    word("test_type", kTestTypeEnum).otherwise("Simple A/B"),
    long_text("hypothesis"),
    number("confidence_threshold").above(0.5).below(1).otherwise("0.95"),
    whole("sample_size").at_least(1),
    whole("duration_days").at_least(1),
    object("traffic_split"),
    word("status", kTestStatusEnum).otherwise("Draft").read_only(),   // POST .../start and so on
    instant("start_date"),
    instant("end_date"),
    text("winning_variation", 100),
    share("confidence_level"),
    word("significance_status", kStatisticalSignificanceEnum).otherwise("Not Significant"),
    share("p_value"),
    number("projected_lift"),
    money("revenue_impact"),
    word("engine", kTestEngine).otherwise("frequentist"),
    text("primary_metric", 100),
    list("guardrail_metrics"),
    text("hash_attribute", 100).otherwise("visitor_id"),
    whole("hash_version").at_least(1).at_most(2).otherwise("2"),
    text("seed", 100).made_by_server(),
    share("coverage").otherwise("1"),
    text("site_id", 36),
    text("test_key", 100),
    object("design"),
    instant("started_at").read_only(),
    instant("ended_at").read_only(),
    text("decided_by", 255).read_only(),
    object("decision").read_only(),
    list("weights").read_only(),
};
constexpr Unique kAbTestsUnique[] = {
    {"name", {"name"}},
    {"seed", {"seed"}},
};

constexpr Column kTestVariations[] = {
    reference("ab_test_id", "ab_tests", OnDelete::cascade).must(),
    text("variation_id", 100).must(),
    text("name", 255).must(),
    long_text("description"),
    number("traffic_percentage").above(0).at_most(100).otherwise("50"),
    flag("is_control").otherwise("false"),
    object("configuration"),
    whole("impressions").otherwise("0"),
    whole("clicks").otherwise("0"),
    whole("conversions").otherwise("0"),
    money("revenue").at_least(0).otherwise("0"),
    number("ctr").read_only(),
    number("conversion_rate").read_only(),
    number("revenue_per_visitor").read_only(),
    number("confidence_interval_low"),
    number("confidence_interval_high"),
    share("statistical_power"),
};
constexpr Unique kTestVariationsUnique[] = {
    {"variation", {"ab_test_id", "variation_id"}},
    {"name", {"ab_test_id", "name"}},
};

constexpr Column kTestResults[] = {
    reference("ab_test_id", "ab_tests", OnDelete::cascade).must(),
    whole("total_impressions").otherwise("0"),
    whole("total_conversions").otherwise("0"),
    number("duration_days").at_least(0),
    share("p_value"),
    number("effect_size"),
    share("statistical_power"),
    text("winning_variation", 100),
    share("confidence_level"),
    word("significance_status", kStatisticalSignificanceEnum).otherwise("Not Significant"),
    number("projected_lift"),
    number("projected_lift_low"),
    number("projected_lift_high"),
    money("estimated_revenue_impact"),
    list("variation_comparisons"),
    object("statistical_details"),
    instant("calculated_at").made_by_server(),
};
constexpr Unique kTestResultsUnique[] = {
    {"calculated_at", {"ab_test_id", "calculated_at"}},
};

constexpr Column kLearningInsights[] = {
    reference("campaign_id", "campaigns", OnDelete::set_null),
    word("insight_type", kInsightType).must(),
    text("category", 100),
    text("title", 255).must(),
    long_text("description"),
    text("fingerprint", 64).must(),
    object("baseline_performance"),
    object("improved_performance"),
    number("improvement_percentage"),
    list("identified_patterns"),
    list("contributing_factors"),
    object("correlations"),
    list("optimization_suggestions"),
    word("priority", kPriority).otherwise("medium"),
    number("expected_impact"),
    share("confidence_score"),
    whole("sample_size"),
    day("period_start"),
    day("period_end"),
    share("data_quality"),
    word("implementation_status", kInsightStatus).otherwise("new"),
    object("implementation_result"),
    word("basis", kInsightBasis),
    text("method", 100),
    instant("discovered_at").made_by_server(),
};
constexpr Unique kLearningInsightsUnique[] = {
    {"fingerprint", {"fingerprint"}},
};

constexpr Column kPerformancePatterns[] = {
    word("pattern_type", kPatternType).must(),
    text("name", 255).must(),
    long_text("description"),
    list("conditions"),
    text("condition_hash", 64).must(),
    number("performance_impact"),
    share("frequency"),
    share("confidence_level"),
    share("p_value"),
    number("effect_size"),
    whole("campaigns_analyzed"),
    day("period_start").must(),
    day("period_end"),
    instant("first_observed"),
    instant("last_observed"),
    list("actionable_insights"),
    share("automation_potential"),
    text("method", 100),
    word("basis", kInsightBasis),
    whole("n"),
};
constexpr Unique kPerformancePatternsUnique[] = {
    {"condition", {"condition_hash", "period_start"}},
};

constexpr Column kPersonalizedContent[] = {
    reference("campaign_id", "campaigns", OnDelete::set_null),
    reference("template_id", "content_templates", OnDelete::cascade).must(),
    text("content_type", 50).must(),
    text("context_hash", 64).must(),
    long_text("personalized_prompt"),
    object("personalization_context"),
    text("file_path", 500),
    text("file_url", 2048),
    whole("file_size"),
    object("content_metadata"),
    object("variables_used"),
    object("targeting_configuration"),
    whole("impressions").otherwise("0"),
    whole("clicks").otherwise("0"),
    whole("conversions").otherwise("0"),
    number("engagement_score").at_least(0),
    number("performance_vs_template").at_least(0),
    text("model_used", 100).otherwise("template"),
    whole("generation_ms"),
    money("generation_cost").at_least(0).otherwise("0"),
    share("quality_score"),
};
constexpr Unique kPersonalizedContentUnique[] = {
    {"context", {"template_id", "campaign_id", "context_hash"}},
};

constexpr Column kCampaignPersonalizationSettings[] = {
    reference("campaign_id", "campaigns", OnDelete::cascade).must(),
    word("personalization_level", kPersonalizationLevel).otherwise("off"),
    flag("auto_optimization_enabled").otherwise("false"),
    flag("dynamic_content_enabled").otherwise("false"),
    flag("adaptive_bidding_enabled").otherwise("false"),
    object("audience_settings"),
    object("demographic_weights"),
    list("behavioral_triggers"),
    word("rotation_strategy", kRotationStrategy).otherwise("even"),
    list("content_templates"),
    object("dynamic_elements"),
    word("budget_allocation_strategy", kAllocationStrategy).otherwise("fixed"),
    object("bid_adjustments"),
    object("performance_targets"),
    word("learning_priority", kPriority).otherwise("medium"),
    word("optimization_frequency", kOptimizationFrequency).otherwise("daily"),
    object("performance_thresholds"),
    flag("ab_testing_enabled").otherwise("false"),
    flag("predictive_scaling_enabled").otherwise("false"),
    flag("real_time_optimization_enabled").otherwise("false"),
};
constexpr Unique kCampaignPersonalizationSettingsUnique[] = {
    {"campaign", {"campaign_id"}},
};

constexpr Table kTables[] = {
    {.name = "campaigns", .one = "campaign", .schema = "Campaign",
     .columns = kCampaigns, .uniques = kCampaignsUnique,
     .low = "start_date", .high = "end_date"},
    {.name = "content_templates", .one = "content_template", .schema = "ContentTemplate",
     .columns = kContentTemplates, .uniques = kContentTemplatesUnique},
    {.name = "campaign_stats_daily", .one = "campaign_stats_day", .schema = "CampaignStatsDay",
     .columns = kCampaignStatsDaily, .uniques = kCampaignStatsDailyUnique,
     .filter = "campaign_id", .low = "clicks", .high = "impressions"},
    {.name = "meta_user_profiles", .one = "meta_user_profile", .schema = "MetaUserProfile",
     .columns = kMetaUserProfiles, .uniques = kMetaUserProfilesUnique},
    {.name = "campaign_recommendations", .one = "campaign_recommendation",
     .schema = "CampaignRecommendation",
     .columns = kCampaignRecommendations, .uniques = kCampaignRecommendationsUnique,
     .needs_profile = true},
    {.name = "ab_tests", .one = "ab_test", .schema = "AbTest",
     .columns = kAbTests, .uniques = kAbTestsUnique,
     .needs_profile = true, .filter = "campaign_id", .lists_by_site = true,
     .low = "start_date", .high = "end_date"},
    {.name = "test_variations", .one = "test_variation", .schema = "TestVariation",
     .columns = kTestVariations, .uniques = kTestVariationsUnique,
     .filter = "ab_test_id", .low = "confidence_interval_low", .high = "confidence_interval_high"},
    {.name = "test_results", .one = "test_result", .schema = "TestResult",
     .columns = kTestResults, .uniques = kTestResultsUnique,
     .filter = "ab_test_id", .low = "projected_lift_low", .high = "projected_lift_high"},
    {.name = "learning_insights", .one = "learning_insight", .schema = "LearningInsight",
     .columns = kLearningInsights, .uniques = kLearningInsightsUnique,
     .needs_profile = true, .filter = "campaign_id", .low = "period_start", .high = "period_end"},
    {.name = "performance_patterns", .one = "performance_pattern", .schema = "PerformancePattern",
     .columns = kPerformancePatterns, .uniques = kPerformancePatternsUnique,
     .low = "period_start", .high = "period_end"},
    {.name = "personalized_content", .one = "personalized_content_item",
     .schema = "PersonalizedContent",
     .columns = kPersonalizedContent, .uniques = kPersonalizedContentUnique,
     .filter = "campaign_id"},
    {.name = "campaign_personalization_settings", .one = "campaign_personalization_setting",
     .schema = "CampaignPersonalizationSettings",
     .columns = kCampaignPersonalizationSettings,
     .uniques = kCampaignPersonalizationSettingsUnique,
     .filter = "campaign_id"},
};

}  // namespace

std::optional<std::size_t> Table::find(std::string_view column) const {
  const auto found = std::ranges::find(columns, column, &Column::name);
  if (found == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - columns.begin());
}

std::span<const Table> tables() { return kTables; }

const Table* find_table(std::string_view name) {
  const auto found = std::ranges::find(kTables, name, &Table::name);
  return found == std::end(kTables) ? nullptr : &*found;
}

}  // namespace attune::campaign
