// The personalization tables as the catalogues of both engines see them: the source counts indexes,
// checks and unique constraints; here is each by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "postgres_cluster.h"
#include "store/migrate.h"
#include "store/postgres/postgres_store.h"
#include "test_store.h"

namespace attune::store {
namespace {

constexpr std::string_view kInTheTen =
    "('meta_user_profiles', 'campaign_recommendations', 'ab_tests', 'test_variations', "
    "'test_results', 'learning_insights', 'performance_patterns', 'content_templates', "
    "'personalized_content', 'campaign_personalization_settings')";

/// Table and columns of each index, as the source lists them: 6, 5, 6, 4, 4, 6, 5, 7, 7, 4.
const std::vector<std::pair<std::string, std::vector<std::string>>>& indexes() {
  static const std::vector<std::pair<std::string, std::vector<std::string>>> kIndexes = {
      {"meta_user_profiles",
       {"user_id", "industry", "business_size", "budget_range", "primary_objective", "updated_at"}},
      {"campaign_recommendations",
       {"user_id", "campaign_type", "confidence_score", "created_at", "implementation_status"}},
      {"ab_tests",
       {"user_id", "status", "test_type", "start_date", "significance_status", "user_id_status"}},
      {"test_variations", {"ab_test_id", "variation_id", "conversion_rate", "ctr"}},
      {"test_results", {"ab_test_id", "significance_status", "calculated_at", "confidence_level"}},
      {"learning_insights",
       {"user_id", "insight_type", "confidence_score", "improvement_percentage",
        "implementation_status", "discovered_at"}},
      {"performance_patterns",
       {"user_id", "pattern_type", "confidence_level", "frequency", "last_observed"}},
      {"content_templates",
       {"user_id", "template_type", "category", "performance_score", "usage_count", "is_active",
        "is_public"}},
      {"personalized_content",
       {"user_id", "campaign_id", "template_id", "content_type", "engagement_score",
        "performance_vs_template", "created_at"}},
      {"campaign_personalization_settings",
       {"campaign_id", "user_id", "personalization_level", "auto_optimization_enabled"}},
  };
  return kIndexes;
}

std::vector<std::string> index_names() {
  std::vector<std::string> names;
  for (const auto& [table, columns] : indexes()) {
    for (const std::string& each : columns) names.push_back("idx_" + table + "_" + each);
  }
  return names;
}

std::vector<std::string> texts(Session& session, const std::string& sql) {
  std::vector<std::string> out;
  for (const auto& row : must(session.query_text(sql)).rows) {
    out.push_back(std::get<std::string>(row[0]));
  }
  return out;
}

const std::vector<std::string> kEnums = {
    "agegroupenum",       "brandvoiceenum",        "budgetrangeenum",
    "businesssizeenum",   "campaignobjectiveenum", "contentpreferenceenum",
    "platformpriorityenum", "statisticalsignificanceenum", "teststatusenum",
    "testtypeenum"};

TEST(PersonalizationSchemaTest, DuckdbHasTheIndexesAndEnumsOfTheSource) {
  const auto store = must(open_duckdb({}));
  must(store->migrate());
  const auto session = must(store->session());
  EXPECT_EQ(index_names().size(), 54U);
  EXPECT_THAT(texts(*session, "select index_name from duckdb_indexes() where table_name in " +
                                  std::string(kInTheTen)),
              testing::UnorderedElementsAreArray(index_names()));
  EXPECT_THAT(texts(*session, "select lower(type_name) from duckdb_types() "
                              "where logical_type = 'ENUM' and not internal order by 1"),
              testing::ElementsAreArray(kEnums));
  EXPECT_EQ(texts(*session, "select cast(count(*) as varchar) from duckdb_constraints() "
                            "where constraint_type = 'CHECK' and table_name in " +
                                std::string(kInTheTen)),
            std::vector<std::string>{"15"});
  EXPECT_EQ(texts(*session, "select cast(count(*) as varchar) from duckdb_constraints() "
                            "where constraint_type = 'UNIQUE' and table_name in " +
                                std::string(kInTheTen)),
            std::vector<std::string>{"12"});
}

TEST(PersonalizationSchemaTest, PostgresHasTheIndexesConstraintsAndEnumsOfTheSource) {
  const std::string binaries = newest_postgres();
  if (binaries.empty()) GTEST_SKIP() << "no PostgreSQL under /usr/lib/postgresql: nothing checked";
  Cluster cluster(binaries);
  const auto store = must(open_postgres({.url = cluster.url()}));
  must(store->migrate());
  const auto session = must(store->session());
  const auto constraints = [&](const std::string& type) {
    return texts(*session, "select conname::text from pg_constraint where contype = '" + type +
                               "' and conrelid::regclass::text in " + std::string(kInTheTen));
  };
  // Those behind primary and unique keys are not in the source's count.
  EXPECT_THAT(texts(*session, "select indexrelid::regclass::text from pg_index i "
                              "where not indisunique and indrelid::regclass::text in " +
                                  std::string(kInTheTen)),
              testing::UnorderedElementsAreArray(index_names()));
  EXPECT_THAT(texts(*session, "select typname::text from pg_type where typtype = 'e' "
                              "and typnamespace = 'public'::regnamespace order by 1"),
              testing::ElementsAreArray(kEnums));
  EXPECT_THAT(constraints("c"),
              testing::UnorderedElementsAre(
                  "meta_user_profiles_monthly_budget_check",
                  "meta_user_profiles_risk_tolerance_check",
                  "meta_user_profiles_automation_level_check",
                  "campaign_recommendations_confidence_score_check",
                  "campaign_recommendations_recommended_budget_check",
                  "campaign_recommendations_predicted_ctr_check",
                  "ab_tests_confidence_threshold_check", "ab_tests_sample_size_check",
                  "ab_tests_dates_check", "test_variations_traffic_percentage_check",
                  "test_variations_exposure_check", "test_variations_outcome_check",
                  "test_results_p_value_check", "content_templates_performance_score_check",
                  "personalized_content_quality_score_check"));
  EXPECT_THAT(
      constraints("u"),
      testing::UnorderedElementsAre(
          "meta_user_profiles_account_key", "campaign_recommendations_name_key",
          "ab_tests_name_key", "ab_tests_seed_key", "test_variations_variation_key",
          "test_variations_name_key", "test_results_calculated_at_key",
          "learning_insights_fingerprint_key", "performance_patterns_condition_key",
          "content_templates_name_key", "personalized_content_context_key",
          "campaign_personalization_settings_campaign_key"));
  // Every table but campaigns and profiles refers to more than its account, and never without it.
  EXPECT_THAT(texts(*session, "select conname::text from pg_constraint where contype = 'f' and "
                              "confrelid <> 'account'::regclass and conrelid::regclass::text in " +
                                  std::string(kInTheTen) +
                                  " and not (select attnum from pg_attribute where attrelid = "
                                  "conrelid and attname = 'user_id') = any (conkey)"),
              testing::IsEmpty());
  EXPECT_EQ(constraints("f").size(), 21U);
}

}  // namespace
}  // namespace attune::store
