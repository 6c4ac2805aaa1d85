// Insights from a year of campaigns with a planted truth, and from tests that ended, on both
// engines.
#include "campaign/insights.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "account_fixture.h"

namespace attune::campaign {
namespace {

constexpr std::int32_t kFirstDay = 20'454;   // 2026-01-01, a Thursday

class InsightsTest : public AccountFixture {
 protected:
  struct Shape {
    int campaigns = 80;
    int days = 14;
    double weekend = 1;   // factor of the click rate
  };

  /// Days of campaigns on two platforms, in February of 1970 counted from kFirstDay.
  void add_campaigns(AccountId account, const Shape& shape) {
    std::mt19937_64 random(5);
    std::normal_distribution<double> own(0, 0.3);
    store::ColumnBatch campaigns, stats;
    auto& campaign_ids = campaigns.add_uuid("id");
    auto& campaign_owners = campaigns.add_int64("user_id");
    auto& names = campaigns.add_text("name");
    auto& ids = stats.add_uuid("id");
    auto& owners = stats.add_int64("user_id");
    auto& of = stats.add_uuid("campaign_id");
    auto& days = stats.add_date("day");
    auto& platforms = stats.add_text("platform");
    auto& audiences = stats.add_text("audience");
    auto& impressions = stats.add_int64("impressions");
    auto& clicks = stats.add_int64("clicks");
    auto& conversions = stats.add_int64("conversions");
    const auto owner = static_cast<std::int64_t>(account);
    for (int campaign = 0; campaign < shape.campaigns; ++campaign) {
      const Uuid id = Uuid::random();
      campaign_ids.push(id);
      campaign_owners.push(owner);
      names.push("Campaign " + std::to_string(campaign));
      const double rate = 0.04 * std::exp(own(random));
      const std::string platform = random() % 2 == 0 ? "Instagram" : "Facebook";
      for (int day = 0; day < shape.days; ++day) {
        const std::int32_t date = kFirstDay + campaign % 5 * 7 + day;
        const bool is_weekend = (date + 3) % 7 >= 5;   // day 0 of the epoch was a Thursday
        std::binomial_distribution<int> law(2000, rate * (is_weekend ? shape.weekend : 1));
        const int clicked = law(random);
        ids.push(Uuid::random());
        owners.push(owner);
        of.push(id);
        days.push(store::Date{date});
        platforms.push(platform);
        audiences.push(random() % 2 == 0 ? "new" : "returning");
        impressions.push(2000);
        clicks.push(clicked);
        conversions.push(clicked / 20);
      }
    }
    must(session_->append("campaigns", campaigns));
    must(session_->append("campaign_stats_daily", stats));
  }

  InsightReport look(AccountId account) {
    return must(find_insights(*session_, accounts_store_, account));
  }
};

TEST_P(InsightsTest, APatternIsKeptOnceWithItsInsight) {
  must(accounts_store_.populate(*session_));
  add_campaigns(ours_, {.weekend = 1.6});
  const InsightReport first = look(ours_);
  EXPECT_EQ(first.refusal, "");
  EXPECT_EQ(first.days, 80 * 14);
  EXPECT_GT(first.patterns_found, 0);
  EXPECT_EQ(first.patterns_new, first.patterns_found);
  EXPECT_EQ(first.insights_of_patterns, first.patterns_found);

  const Table& patterns = table("performance_patterns");
  const auto rows = account_rows("performance_patterns", ours_);
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(first.patterns_found));
  const auto weekend = std::ranges::find_if(rows, [&](const Row& row) {
    return std::get<std::string>(at(patterns, row, "name")) ==
           "Higher click rate where part of the week is weekend";
  });
  ASSERT_NE(weekend, rows.end());
  EXPECT_EQ(at(patterns, *weekend, "pattern_type"), Value(std::string("timing")));
  EXPECT_EQ(at(patterns, *weekend, "basis"), Value(std::string("observational")));
  EXPECT_NEAR(std::get<double>(at(patterns, *weekend, "performance_impact")), 0.6, 0.25);
  EXPECT_LE(std::get<double>(at(patterns, *weekend, "p_value")), 0.05);
  EXPECT_GE(std::get<std::int64_t>(at(patterns, *weekend, "campaigns_analyzed")), 10);
  EXPECT_THAT(std::get<std::string>(at(patterns, *weekend, "description")),
              testing::HasSubstr("associated with"));

  const auto insights = account_rows("learning_insights", ours_);
  ASSERT_EQ(insights.size(), rows.size());
  const Table& insight = table("learning_insights");
  EXPECT_EQ(at(insight, insights[0], "implementation_status"), Value(std::string("new")));
  EXPECT_GT(std::get<double>(at(insight, insights[0], "data_quality")), 0.9);

  const InsightReport again = look(ours_);
  EXPECT_EQ(again.patterns_found, first.patterns_found);
  EXPECT_EQ(again.patterns_new, 0);
  EXPECT_EQ(again.insights_of_patterns, 0);
  EXPECT_EQ(account_rows("performance_patterns", ours_).size(), rows.size());
  EXPECT_TRUE(account_rows("performance_patterns", theirs_).empty());
  EXPECT_TRUE(account_rows("learning_insights", theirs_).empty());
}

TEST_P(InsightsTest, WithoutEnoughCampaignsItSaysWhy) {
  EXPECT_EQ(look(ours_).refusal, "no statistics of campaigns");
  must(accounts_store_.populate(*session_));
  add_campaigns(ours_, {.campaigns = 12, .days = 7});
  const InsightReport report = look(ours_);
  EXPECT_EQ(report.patterns_found, 0);
  EXPECT_THAT(report.refusal, testing::HasSubstr("12 groups"));
  EXPECT_THAT(to_json(report), testing::HasSubstr("\"refusal\""));
}

TEST_P(InsightsTest, AnEndedTestIsToldOnce) {
  must(accounts_store_.populate(*session_));
  const Table& tests = table("ab_tests");
  const Table& results = table("test_results");
  const auto add = [&](const std::string& name) {
    const Row test = must(accounts_store_.create(
        *session_, tests, ours_,
        set(tests, {{"name", name},
                    {"hypothesis", std::string("A larger button is easier to find.")},
                    {"primary_metric", std::string("conversion")}})));
    return id_of(test);
  };
  // Tests end by their life cycle, which is not what is looked at here.
  const auto step = [&](const Uuid& test, const std::string& status) {
    const auto now = store::Timestamp::from_ms(clock_.now_ms());
    const Value values[] = {static_cast<std::int64_t>(ours_), test, status, test.text(), now, now,
                            std::string("ann"), store::Json{"{}"}, store::Json{"{}"}, store::Null{},
                            now};
    must(session_->execute("experiment/step", values));
  };
  const auto end = [&](const Uuid& test, const std::string& winner, double lift, double p) {
    must(accounts_store_.create(
        *session_, results, ours_,
        set(results, {{"ab_test_id", test},
                      {"winning_variation", winner.empty() ? Value(store::Null{}) : Value(winner)},
                      {"significance_status",
                       std::string(p < 0.01 ? "Highly Significant" : "Not Significant")},
                      {"p_value", p},
                      {"confidence_level", 1 - p},
                      {"projected_lift", lift},
                      {"projected_lift_low", lift - 0.03},
                      {"projected_lift_high", lift + 0.03},
                      {"total_impressions", std::int64_t{10'000}}})));
  };
  const Uuid button = add("Button"), colour = add("Colour"), footer = add("Footer"),
             running = add("Running");
  end(button, "", 0.01, 0.6);   // an earlier look
  clock_.advance_ms(1000);
  end(button, "large", 0.08, 0.001);
  end(colour, "", 0.002, 0.7);
  end(footer, "", -0.09, 0.002);
  end(running, "b", 0.3, 0.001);
  for (const Uuid& each : {button, colour, footer}) step(each, "Completed");
  step(running, "Active");
  EXPECT_EQ(look(ours_).insights_of_tests, 3);
  EXPECT_EQ(look(ours_).insights_of_tests, 0);
  const Table& insight = table("learning_insights");
  std::map<std::string, Row> by_title;
  for (const Row& row : account_rows("learning_insights", ours_)) {
    by_title[std::get<std::string>(at(insight, row, "title"))] = row;
    EXPECT_EQ(at(insight, row, "basis"), Value(std::string("experiment")));
  }
  ASSERT_THAT(by_title,
              testing::UnorderedElementsAre(
                  testing::Key("\"large\" won the test \"Button\""),
                  testing::Key("The test \"Colour\" did not find a difference"),
                  testing::Key("The test \"Footer\" lost: keep what you had")));
  const Row& row = by_title.at("\"large\" won the test \"Button\"");
  EXPECT_THAT(std::get<std::string>(at(insight, row, "description")),
              testing::HasSubstr("conversion: +8.0 % (interval +5.0 to +11.0 %, corrected p "
                                 "0.0010)"));
  EXPECT_EQ(at(insight, row, "expected_impact"), Value(0.08));
}

INSTANTIATE_TEST_SUITE_P(Engines, InsightsTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign
