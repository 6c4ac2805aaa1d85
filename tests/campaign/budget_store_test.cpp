// Budgets and bids from an account's tables, on both engines.
#include "campaign/budget_store.h"

#include <fmt/format.h>

#include <cmath>

#include "account_fixture.h"
#include "base/random.h"
#include "base/time_zone.h"

namespace attune::campaign {
namespace {

using budget::Aim;
using budget::Refusal;
using testing::HasSubstr;

constexpr std::int32_t kFirstDay = 20'454;   // 2026-01-01
constexpr std::int32_t kDays = 70;

class BudgetStoreTest : public AccountFixture {
 protected:
  Desk desk() { return {accounts_store_, *session_, ours_, clock_.now_ms()}; }
  Uuid add_campaign(const std::string& name, std::map<std::string, Value> more = {}) {
    more["name"] = name;
    return id_of(must(accounts_store_.create(*session_, table("campaigns"), ours_,
                                             set(table("campaigns"), std::move(more)))));
  }
  /// Days of spend about 100 that bring 60 sqrt(spend / 100) conversions, 10 of revenue each.
  void add_days(const std::string& name, double spread, const std::string& platform = "") {
    Random random(31);
    std::string csv = "campaign,day,platform,impressions,clicks,conversions,revenue,spend\n";
    for (std::int32_t i = 0; i < kDays; ++i) {
      const double spend =
          std::round(100 * std::exp(spread * forecast::draw_normal(random)) * 100) / 100;
      const double mean = 60 * std::sqrt(spend / 100);
      const auto count = static_cast<int>(
          std::max(0.0, std::round(mean + std::sqrt(mean) * forecast::draw_normal(random))));
      csv += fmt::format("{},{},{},10000,500,{},{},{:.2f}\n", name, day_text(kFirstDay + i),
                         platform, count, 10 * count, spend);
    }
    const StatsImport done = must(import_stats(desk(), csv));
    EXPECT_TRUE(done.errors.empty()) << done.errors.front().message;
  }
  static const budget::Line& line_of(const BudgetAnswer& answer, const std::string& name) {
    return *std::ranges::find(answer.plan.lines, name, &budget::Line::name);
  }
};

TEST_P(BudgetStoreTest, DividesByCampaignOrPlatform) {
  const BudgetAnswer nothing = must(propose_budget(desk(), {}));
  EXPECT_FALSE(nothing.last_day.has_value());
  EXPECT_TRUE(nothing.plan.lines.empty());
  add_campaign("a");
  add_campaign("b");
  add_days("a", 0.5, "Instagram");
  add_days("b", 0.001, "Facebook");
  const BudgetAnswer made = must(propose_budget(desk(), {}));
  EXPECT_EQ(made.last_day, kFirstDay + kDays - 1);
  ASSERT_EQ(made.plan.lines.size(), 2U);
  EXPECT_EQ(line_of(made, "a").response.days, static_cast<std::size_t>(kDays));
  EXPECT_EQ(line_of(made, "a").response.refusal, Refusal::none);
  EXPECT_NEAR(line_of(made, "a").response.value_at(100).mean, 60, 3);
  EXPECT_EQ(line_of(made, "b").response.refusal, Refusal::same_spend);
  EXPECT_NEAR(line_of(made, "b").proposed, 100, 1);
  const BudgetAnswer platforms =
      must(propose_budget(desk(), {.by_platform = true, .by_revenue = true}));
  EXPECT_EQ(platforms.plan.lines[0].name, "Facebook");
  EXPECT_NEAR(line_of(platforms, "Instagram").response.value_at(100).mean, 600, 30);
  // Only so many days: too few for a curve.
  EXPECT_EQ(line_of(must(propose_budget(desk(), {.days = 30})), "a").response.refusal,
            Refusal::few_days);
}

TEST_P(BudgetStoreTest, TakesLimitsAndOneCurrency) {
  add_campaign("euros", {{"currency", std::string("EUR")}});
  add_days("euros", 0.5);
  const BudgetAnswer free = must(propose_budget(desk(), {}));
  EXPECT_EQ(free.currency, "EUR");
  const double present = free.plan.lines[0].response.present_spend;
  BudgetOptions options;
  options.limits = {{.name = "euros", .least = {}, .most = present * 0.9}};
  EXPECT_NEAR(must(propose_budget(desk(), options)).plan.lines[0].proposed, present * 0.9, 1e-6);
  options.limits[0].name = "nobody's";
  const auto unknown = propose_budget(desk(), options);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().field(), "limits");
  add_campaign("dollars", {{"currency", std::string("USD")}});
  add_days("dollars", 0.5);
  const auto mixed = propose_budget(desk(), {});
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().code(), ErrorCode::failed_precondition);
  EXPECT_EQ(mixed.error().field(), "currency");
  EXPECT_THAT(mixed.error().message(), HasSubstr("EUR, USD"));
  EXPECT_EQ(must(propose_budget(desk(), {.currency = "USD"})).plan.lines.size(), 1U);
}

TEST_P(BudgetStoreTest, BidsTowardsTheTargetOfEachCampaign) {
  EXPECT_TRUE(must(propose_bids(desk(), {})).campaigns.empty());
  const Uuid own = add_campaign("own");
  add_campaign("plain");
  add_campaign("paced", {{"budget", 10'000.0}, {"end_date", store::Date{kFirstDay + kDays + 9}}});
  for (const char* name : {"own", "plain", "paced"}) add_days(name, 0.1);
  const Table& settings = table("campaign_personalization_settings");
  must(accounts_store_.create(
      *session_, settings, ours_,
      set(settings, {{"campaign_id", own},
                     {"performance_targets", store::Json{R"({"cost_per_conversion":1})"}}})));
  // Costs are about 1.67, the returns 5.
  const BidsAnswer made = must(propose_bids(desk(), {.aim = Aim::roi, .target = 2, .from = {}}));
  ASSERT_EQ(made.campaigns.size(), 3U);
  EXPECT_EQ(made.campaigns[0].name, "own");
  EXPECT_EQ(made.campaigns[0].aim, Aim::cost_per_conversion);
  EXPECT_EQ(made.campaigns[0].steps.size(), 28U);
  EXPECT_NEAR(made.campaigns[0].steps.back().measured, 1.67, 0.2);
  EXPECT_DOUBLE_EQ(made.campaigns[0].steps.back().multiplier, 0.5);   // nobody bid less
  EXPECT_EQ(made.campaigns[2].aim, Aim::roi);
  EXPECT_NEAR(made.campaigns[2].steps.back().measured, 4.3, 0.4);   // drawn to the target
  EXPECT_DOUBLE_EQ(made.campaigns[2].steps.back().multiplier, 2);
  // A pace needs a budget and an end; 10,000 less 69 days of 100, over 11 days.
  const BidsAnswer paces = must(propose_bids(
      desk(), {.aim = Aim::spend, .target = {}, .from = kFirstDay + kDays - 3}));
  EXPECT_EQ(paces.campaigns[1].aim, Aim::spend);
  ASSERT_EQ(paces.campaigns[1].steps.size(), 3U);
  EXPECT_NEAR(paces.campaigns[1].steps.back().target, (10'000 - 6'900) / 11.0, 15);
  EXPECT_GT(paces.campaigns[1].steps.back().multiplier, 1);
  EXPECT_FALSE(paces.campaigns[2].aim.has_value());
  EXPECT_THAT(paces.campaigns[2].words, HasSubstr("a budget and an end"));
}

INSTANTIATE_TEST_SUITE_P(Engines, BudgetStoreTest,
                         testing::Values(store::Engine::duckdb, store::Engine::postgres),
                         engine_name);

}  // namespace
}  // namespace attune::campaign
