// Budgets, bids and tests of send times by HTTP, and advice by the clock.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <cmath>

#include "api_fixture.h"
#include "base/time_zone.h"

namespace attune::serve {
namespace {

namespace json = boost::json;

constexpr std::int32_t kFirstDay = 20'454;   // 2026-01-01
constexpr std::int32_t kDays = 60;

class BudgetApiTest : public ApiFixture {
 protected:
  json::value call(std::string_view method, const std::string& path, const std::string& body = {},
                   int status = 200) {
    const auto answer = send(method, "/api/v1" + path, body, bearer(server_key_));
    EXPECT_EQ(answer.status, status) << path << ": " << answer.body;
    return answer.body.empty() ? json::value() : json::parse(answer.body);
  }
  std::string made(const std::string& path, const std::string& body) {
    return call("POST", path, body, 201).at("id").as_string().c_str();
  }
  void import(const std::string& csv) {
    const auto answer = send("POST", "/api/v1/campaign_stats_import", csv,
                             bearer(server_key_) + "Content-Type: text/csv\r\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(json::parse(answer.body).at("errors").as_array().empty()) << answer.body;
  }
  /// A campaign that spends 60 to 140 in turn, and one that spends the same every day.
  void add_campaigns() {
    made("/campaigns", R"({"name":"Spring, \"loud\"","currency":"EUR"})");
    made("/campaigns", R"({"name":"steady","currency":"EUR"})");
    std::string csv = "campaign,day,impressions,clicks,conversions,revenue,spend\n";
    for (std::int32_t i = 0; i < kDays; ++i) {
      const std::string day = day_text(kFirstDay + i);
      const int spend = 60 + 20 * (i % 5);
      const auto conversions = static_cast<int>(6 * std::sqrt(spend)) + i % 3;
      csv += fmt::format("\"Spring, \"\"loud\"\"\",{},9000,900,{},{},{}\n", day, conversions,
                         10 * conversions, spend);
      csv += fmt::format("steady,{},9000,900,20,200,50\n", day);
    }
    import(csv);
  }
};

TEST_F(BudgetApiTest, ProposesABudgetWithReasons) {
  add_campaigns();
  const json::value plan = call("POST", "/campaign_budget", R"({"total":160,"days":60})");
  EXPECT_EQ(plan.at("currency"), "EUR");
  EXPECT_EQ(plan.at("first_day"), "2026-01-01");
  const json::array& lines = plan.at("lines").as_array();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].at("refusal").is_null()) << lines[0].at("reason");
  EXPECT_EQ(lines[0].at("points").as_array().size(), 25U);
  EXPECT_NEAR(lines[0].at("points").at(24).at("spend").to_number<double>(), 210, 1e-9);
  EXPECT_EQ(lines[1].at("refusal"), "same_spend");
  EXPECT_NEAR(lines[1].at("proposed").to_number<double>(), 50, 1e-9);
  EXPECT_NEAR(lines[0].at("proposed").to_number<double>(), 110, 1e-6);
  EXPECT_NEAR(plan.at("held").to_number<double>(), 50, 1e-9);
  EXPECT_GT(plan.at("gain").at("low").to_number<double>(), 0);
  // The same question has the same answer.
  EXPECT_EQ(call("POST", "/campaign_budget", R"({"total":160,"days":60})"), plan);
  const json::value low = call("POST", "/campaign_budget", R"({"total":10})", 400);
  EXPECT_EQ(low.at("error").at("field"), "total");
  const auto file = send("POST", "/api/v1/campaign_budget?format=csv", "{}", bearer(server_key_));
  EXPECT_EQ(file.header("Content-Type"), "text/csv; charset=utf-8");
  EXPECT_NE(file.body.find("\r\n\"Spring, \"\"loud\"\"\",EUR,"), std::string::npos) << file.body;
}

TEST_F(BudgetApiTest, ExportsBidMultipliers) {
  add_campaigns();
  const std::string path = "/campaign_bids?target=cost_per_conversion&value=2.5";
  const json::value bids = call("GET", path);
  const json::array& campaigns = bids.at("campaigns").as_array();
  ASSERT_EQ(campaigns.size(), 2U);
  EXPECT_EQ(campaigns[1].at("name"), "steady");
  EXPECT_NEAR(campaigns[1].at("measured").to_number<double>(), 2.5, 1e-6);
  EXPECT_EQ(campaigns[1].at("multiplier").to_number<double>(), 1);
  EXPECT_GT(campaigns[0].at("multiplier").to_number<double>(), 1);
  EXPECT_EQ(campaigns[0].at("days").as_array().size(), 28U);
  const auto file = send("GET", "/api/v1" + path + "&format=csv", {}, bearer(server_key_));
  EXPECT_NE(file.body.find("\r\nsteady,cost_per_conversion,2.5000,2.5000,1.0000,"),
            std::string::npos) << file.body;
  // No target anywhere: a campaign says so.
  const json::value none = call("GET", "/campaign_bids");
  EXPECT_TRUE(none.at("campaigns").at(0).at("target").is_null());
}

TEST_F(BudgetApiTest, DraftsATestOfSendTimes) {
  made("/meta_user_profiles", "{}");
  const std::string site = site_.id.text();
  const std::string body = R"({"name":"When","site":")" + site + R"(","current_hour":9)";
  const json::value few = call("POST", "/send_time_tests", body + "}", 409);
  EXPECT_EQ(few.at("error").at("field"), "hours");
  const json::value draft =
      call("POST", "/send_time_tests", body + R"(,"hours":[12,18],"event":"open"})", 201);
  EXPECT_EQ(draft.at("ab_test").at("status"), "Draft");
  EXPECT_EQ(draft.at("test_variations").as_array().size(), 3U);
  EXPECT_EQ(draft.at("activity").as_array().size(), 24U);
  const std::string id = draft.at("ab_test").at("id").as_string().c_str();
  const json::value started = call("POST", "/ab_tests/" + id + "/start", "{}");
  EXPECT_EQ(started.at("status"), "Active");
  call("POST", "/send_time_tests", R"({"name":"x","site":"none.example","current_hour":9})", 404);
}

// What the clock does: nobody calls, and what became of a recommendation is known.
TEST_F(BudgetApiTest, TheClockNotesWhatBecameOfAdvice) {
  made("/meta_user_profiles", "{}");
  const std::string campaign = made("/campaigns", R"({"name":"followed"})");
  const std::string advice =
      made("/campaign_recommendations",
           R"({"name":"follow","campaign_type":"Sales","implementation_status":"implemented",)"
           R"("implemented_campaign_id":")" + campaign + "\"}");
  import("campaign,day,impressions,clicks\nfollowed,2026-01-05,1000,20\n");
  ASSERT_TRUE(api_->refresh_advice());
  json::value row;
  const std::int64_t end_us = clock_.steady_us() + 30'000'000;
  do {
    row = call("GET", "/campaign_recommendations/" + advice);
  } while (row.at("actual_ctr").is_null() && clock_.steady_us() < end_us);
  ASSERT_FALSE(row.at("actual_ctr").is_null());
  EXPECT_EQ(row.at("actual_ctr").to_number<double>(), 0.02);
}

}  // namespace
}  // namespace attune::serve
