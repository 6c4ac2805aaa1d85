#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "site_fixture.h"

namespace attune::report {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::Optional;

// Values of the interval as tabulated for Wilson's method (R: prop.test(x, n, correct = FALSE)).
TEST(WilsonIntervalTest, MatchesTabulatedValues) {
  const Interval95 ten = wilson_interval(10, 100);
  EXPECT_NEAR(ten.low, 0.05522914, 1e-7);
  EXPECT_NEAR(ten.high, 0.17436566, 1e-7);
  const Interval95 none = wilson_interval(0, 20);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.16112516, 1e-7);
  const Interval95 all = wilson_interval(20, 20);
  EXPECT_NEAR(all.low, 1 - 0.16112516, 1e-7);
  EXPECT_EQ(all.high, 1);
}

// The share of samples whose interval holds the true value is near 95 %, also for rare clicks,
// summed up over all possible outcomes rather than drawn.
TEST(WilsonIntervalTest, CoversTheTruthAboutNineteenTimesInTwenty) {
  for (const double p : {0.02, 0.1, 0.5}) {
    const int n = 500;
    double covered = 0;
    double probability = std::pow(1 - p, n);
    for (int x = 0; x <= n; ++x) {
      const Interval95 interval = wilson_interval(x, n);
      if (interval.low <= p && p <= interval.high) covered += probability;
      probability *= static_cast<double>(n - x) / (x + 1) * p / (1 - p);
    }
    EXPECT_THAT(covered, DoubleNear(0.95, 0.02)) << p;
  }
}

class RecommendationStatsTest : public SiteFixture {
 protected:
  RecommendationStatsTest() { now_ms_ = at("2026-11-21 11:00:00"); }

  struct Shown {
    std::string item;
    std::string strategy = "popular";
    bool shown = true;
    bool clicked = false;
    std::int64_t revenue_cents = -1;   // below 0: not converted
  };

  void decide(std::string_view local, const std::vector<Shown>& items) {
    store::ColumnBatch batch;
    auto& session = batch.add_uuid("session_id");
    auto& website = batch.add_uuid("website_id");
    auto& item_id = batch.add_text("item_id");
    auto& product = batch.add_int64("product_id");
    auto& strategy = batch.add_text("strategy");
    auto& shown = batch.add_bool("shown");
    auto& clicked = batch.add_bool("clicked");
    auto& converted = batch.add_bool("converted");
    auto& revenue = batch.add_decimal("revenue", 4);
    auto& decision = batch.add_uuid("decision_id");
    auto& position = batch.add_int64("position");
    auto& decided = batch.add_timestamp("decided_at");
    auto& propensity = batch.add_double("propensity");
    ++decisions_;
    for (const Shown& each : items) {
      session.push(Uuid::from_name(site_.id, "session"));
      website.push(site_.id);
      item_id.push(each.item);
      product.push(stable_id(site_.id.text(), each.item));
      strategy.push(each.strategy);
      shown.push(each.shown);
      clicked.push(each.clicked);
      converted.push(each.revenue_cents >= 0);
      revenue.push_if(each.revenue_cents >= 0, each.revenue_cents * 100);
      decision.push(Uuid::from_name(site_.id, std::to_string(decisions_)));
      position.push(decisions_);
      decided.push(store::Timestamp::from_ms(at(local)));
      propensity.push(0.5);
    }
    must(session_->append("recommendations", batch));
  }

  RecommendationStats stats(std::string period = "7d") {
    return must(recommendation_stats(*session_, site_,
                                     range({.period = std::move(period)})));
  }

 private:
  std::int64_t decisions_ = 0;
};

TEST_F(RecommendationStatsTest, CountsByStrategyAndItem) {
  decide("2026-11-20 10:00:00",
         {{.item = "p1"},
          {.item = "p2", .strategy = "sequential", .clicked = true, .revenue_cents = 1999}});
  decide("2026-11-20 11:00:00", {{.item = "p1", .clicked = true}, {.item = "p3", .shown = false}});
  decide("2026-11-01 10:00:00", {{.item = "p1", .clicked = true}});
  store::ColumnBatch products;
  products.add_int64("id").push(stable_id(site_.id.text(), "p1"));
  products.add_text("site_id").push(site_.id.text());
  products.add_text("external_id").push("p1");
  products.add_text("name").push("Red shoe");
  must(session_->append("product", products));
  const RecommendationStats answer = stats();
  EXPECT_EQ(answer.totals.decisions, 2);
  EXPECT_EQ(answer.totals.shown, 3);
  EXPECT_EQ(answer.totals.clicked, 2);
  EXPECT_EQ(answer.totals.converted, 1);
  EXPECT_DOUBLE_EQ(answer.totals.revenue, 19.99);
  EXPECT_THAT(answer.totals.ctr, Optional(DoubleEq(2.0 / 3)));
  ASSERT_EQ(answer.strategies.size(), 2U);
  EXPECT_EQ(answer.strategies[0].strategy, "popular");
  EXPECT_EQ(answer.strategies[0].shown, 2);
  EXPECT_EQ(answer.strategies[0].clicked, 1);
  EXPECT_THAT(answer.strategies[0].ctr_low, Optional(DoubleNear(0.0945, 1e-4)));
  EXPECT_THAT(answer.strategies[0].ctr_high, Optional(DoubleNear(0.9055, 1e-4)));
  ASSERT_EQ(answer.items.size(), 3U);
  EXPECT_EQ(answer.items[0].item_id, "p1");
  EXPECT_EQ(answer.items[0].name, "Red shoe");
  EXPECT_EQ(answer.items[0].shown, 2);
  EXPECT_EQ(answer.items[1].name, "");
  EXPECT_EQ(answer.items[2].shown, 0);
  EXPECT_FALSE(answer.model);
}

TEST_F(RecommendationStatsTest, NothingShownHasNoRate) {
  decide("2026-11-20 10:00:00", {{.item = "p1", .shown = false}});
  const RecommendationStats answer = stats();
  EXPECT_EQ(answer.totals.decisions, 1);
  EXPECT_FALSE(answer.totals.ctr);
  EXPECT_FALSE(answer.strategies.at(0).ctr_low);
}

TEST_F(RecommendationStatsTest, NamesTheModelThatServes) {
  store::ColumnBatch batch;
  auto& website = batch.add_uuid("website_id");
  auto& name = batch.add_text("name");
  auto& version = batch.add_text("version");
  auto& algorithm = batch.add_text("algorithm");
  auto& status = batch.add_text("status");
  auto& active = batch.add_bool("is_active");
  auto& trained = batch.add_timestamp("trained_at");
  const auto model = [&](std::string_view v, std::string_view s, bool serves,
                         std::string_view time) {
    website.push(site_.id);
    name.push("session");
    version.push(v);
    algorithm.push("VMIS-kNN");
    status.push(s);
    active.push(serves);
    trained.push(store::Timestamp::from_ms(at(time)));
  };
  model("1", "archived", false, "2026-11-18 10:00:00");
  model("2", "production", true, "2026-11-19 10:00:00");
  model("3", "validating", false, "2026-11-20 10:00:00");
  must(session_->append("ml_models", batch));
  const RecommendationStats answer = stats("today");
  ASSERT_TRUE(answer.model);
  EXPECT_EQ(answer.model->version, "2");
  EXPECT_EQ(answer.model->algorithm, "VMIS-kNN");
  EXPECT_EQ(answer.model->status, "production");
  EXPECT_EQ(answer.model->trained_ms, at("2026-11-19 10:00:00"));
}

}  // namespace
}  // namespace attune::report
