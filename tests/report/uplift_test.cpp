#include "report/uplift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "site_fixture.h"

namespace attune::report {
namespace {

// Welch's formulas by hand: means 0.3 and 0.2 of 1000 and 500 visitors; variances of the means
// 0.21/999 and 0.16/499.
TEST(DifferenceOfMeansTest, MatchesTheFormulas) {
  const Difference made = difference_of_means({1000, 300, 300}, {500, 100, 100}, 100);
  EXPECT_DOUBLE_EQ(made.treatment, 0.3);
  EXPECT_DOUBLE_EQ(made.control, 0.2);
  EXPECT_NEAR(made.difference, 0.1, 1e-12);
  const double half = 1.959963984540054 * std::sqrt(0.21 / 999 + 0.16 / 499);
  EXPECT_NEAR(made.low, 0.1 - half, 1e-9);
  EXPECT_NEAR(made.high, 0.1 + half, 1e-9);
  ASSERT_TRUE(made.relative);
  EXPECT_NEAR(*made.relative, 0.5, 1e-12);
  const double spread = std::sqrt(0.21 / 999 + 1.5 * 1.5 * 0.16 / 499) / 0.2;
  EXPECT_NEAR(*made.relative_high, 0.5 + 1.959963984540054 * spread, 1e-9);
  EXPECT_TRUE(made.is_enough);
  EXPECT_FALSE(difference_of_means({1000, 300, 300}, {500, 9, 9}, 9).is_enough);
  EXPECT_FALSE(difference_of_means({1000, 300, 300}, {50, 20, 20}, 20).is_enough);
  EXPECT_FALSE(difference_of_means({10, 3, 3}, {5, 0, 0}, 0).relative);
}

// Both intervals hold the truth about 19 times in 20: 2,000 experiments with 2,000 visitors of 10 %
// and 12 %. Five standard deviations of the share are 0.0244.
TEST(DifferenceOfMeansTest, IntervalsHoldTheTruth) {
  Random random(4);
  int absolute = 0;
  int relative = 0;
  constexpr int kExperiments = 2000;
  for (int i = 0; i < kExperiments; ++i) {
    Sample groups[2] = {{2000, 0, 0}, {2000, 0, 0}};
    for (int visitor = 0; visitor < 2000; ++visitor) {
      groups[0].sum += random.uniform() < 0.12 ? 1 : 0;
      groups[1].sum += random.uniform() < 0.10 ? 1 : 0;
    }
    for (Sample& group : groups) group.sum_of_squares = group.sum;
    const Difference made = difference_of_means(groups[0], groups[1], 100);
    absolute += made.low <= 0.02 && 0.02 <= made.high ? 1 : 0;
    relative += *made.relative_low <= 0.2 && 0.2 <= *made.relative_high ? 1 : 0;
  }
  EXPECT_NEAR(absolute, 0.95 * kExperiments, 0.0244 * kExperiments);
  EXPECT_NEAR(relative, 0.95 * kExperiments, 0.0244 * kExperiments);
}

class UpliftTest : public SiteFixture {
 protected:
  UpliftTest() { now_ms_ = at("2026-11-21 11:00:00"); }

  struct Shown {
    std::string visitor;
    std::string group;
    std::string strategy = "sequential";
    std::string item = "mug";
    bool clicked = false;
    std::string local = "2026-11-20 10:00:00";
  };
  void add(const std::vector<Shown>& rows) {
    store::ColumnBatch batch;
    auto& session = batch.add_uuid("session_id");
    auto& website = batch.add_uuid("website_id");
    auto& user = batch.add_text("user_id");
    auto& item = batch.add_text("item_id");
    auto& product = batch.add_int64("product_id");
    auto& strategy = batch.add_text("strategy");
    auto& placement = batch.add_text("placement");
    auto& factors = batch.add_json("personalization_factors");
    auto& shown = batch.add_bool("shown");
    auto& clicked = batch.add_bool("clicked");
    auto& clicked_at = batch.add_timestamp("clicked_at");
    auto& converted = batch.add_bool("converted");
    auto& decision = batch.add_uuid("decision_id");
    auto& position = batch.add_int64("position");
    auto& decided = batch.add_timestamp("decided_at");
    auto& matured = batch.add_timestamp("matured_at");
    auto& propensity = batch.add_double("propensity");
    for (const Shown& each : rows) {
      ++decisions_;
      session.push(Uuid::from_name(site_.id, each.visitor));
      website.push(site_.id);
      user.push(each.visitor);
      item.push(each.item);
      product.push(stable_id(site_.id.text(), each.item));
      strategy.push(each.strategy);
      placement.push("home");
      factors.push(each.group.empty()
                       ? R"({"models":{"sequential":"v1"}})"
                       : R"({"models":{"sequential":"v1"},"group":")" + each.group + "\"}");
      shown.push(true);
      clicked.push(each.clicked);
      clicked_at.push_if(each.clicked, store::Timestamp::from_ms(at(each.local) + 1000));
      converted.push(false);
      decision.push(Uuid::from_name(site_.id, std::to_string(decisions_)));
      position.push(decisions_);
      decided.push(store::Timestamp::from_ms(at(each.local)));
      matured.push(store::Timestamp::from_ms(at(each.local) + 1'800'000));
      propensity.push(0.5);
    }
    must(session_->append("recommendations", batch));
  }
  void order(std::string_view visitor, std::string_view local, std::int64_t cents) {
    store::ColumnBatch batch;
    batch.add_text("site_id").push(site_.id.text());
    batch.add_text("session_id").push("s");
    batch.add_text("visitor_id").push(visitor);
    batch.add_timestamp("order_timestamp").push(store::Timestamp::from_ms(at(local)));
    batch.add_decimal("revenue", 4).push_if(true, cents * 100);
    must(session_->append("orders", batch));
  }
  void cart_add(std::string_view visitor, std::string_view item, std::string_view local) {
    store::ColumnBatch batch;
    batch.add_text("site_id").push(site_.id.text());
    batch.add_int64("user_id").push(stable_id(site_.id.text(), visitor));
    batch.add_int64("product_id").push(stable_id(site_.id.text(), item));
    batch.add_text("visitor_id").push(visitor);
    batch.add_text("item_id").push(item);
    batch.add_text("interaction_type").push("CART_ADD");
    batch.add_timestamp("timestamp").push(store::Timestamp::from_ms(at(local)));
    must(session_->append("user_product_interactions", batch));
  }
  std::vector<PlacementRow> results() {
    return must(placement_results(*session_, site_, range({.period = "7d"}), now_ms_));
  }
  std::int64_t decisions_ = 0;
};

TEST_F(UpliftTest, CountsVisitorsOncePerGroupAndTheirOrdersAfterTheFirstAnswer) {
  add({{"ann", "treatment", "sequential", "mug", true},
       {"ann", "treatment", "popular", "hat"},
       {"bob", "treatment"},
       {"cy", "control", "popular"},
       {"dan", "", "popular"}});
  order("ann", "2026-11-20 11:00:00", 1000);
  order("ann", "2026-11-20 12:00:00", 500);
  order("bob", "2026-11-20 09:00:00", 9900);  // before the first answer
  order("dan", "2026-11-20 12:00:00", 9900);  // in no group
  const auto placements = results();
  ASSERT_EQ(placements.size(), 1U);
  const PlacementRow& home = placements[0];
  EXPECT_EQ(home.placement, "home");
  ASSERT_TRUE(home.treatment && home.control && home.revenue && home.buyers && home.clicks);
  EXPECT_EQ(home.treatment->visitors, 2);
  EXPECT_EQ(home.treatment->clickers, 1);
  EXPECT_EQ(home.treatment->buyers, 1);
  EXPECT_DOUBLE_EQ(home.treatment->revenue, 15);
  EXPECT_DOUBLE_EQ(home.treatment->revenue_squares, 225);
  EXPECT_EQ(home.control->visitors, 1);
  EXPECT_EQ(home.control->buyers, 0);
  EXPECT_DOUBLE_EQ(home.revenue->difference, 7.5);
  EXPECT_FALSE(home.revenue->is_enough);
}

TEST_F(UpliftTest, CountsByStrategyAndModelAndLeavesWaitingOnesApart) {
  add({{"ann", "", "sequential", "mug", true},
       {"bob", "", "sequential", "mug"},
       {"cy", "", "sequential", "hat", false, "2026-11-21 10:50:00"},
       {"cy", "", "popular", "hat"}});
  cart_add("ann", "mug", "2026-11-20 10:05:00");
  cart_add("ann", "mug", "2026-11-20 10:06:00");
  cart_add("bob", "mug", "2026-11-20 10:05:00");  // did not click
  const auto placements = results();
  ASSERT_EQ(placements.size(), 1U);
  ASSERT_EQ(placements[0].strategies.size(), 2U);
  const PlacementStrategyRow& first = placements[0].strategies[0];
  EXPECT_EQ(first.strategy, "sequential");
  EXPECT_EQ(first.model, "v1");
  EXPECT_EQ(first.items, 2);
  EXPECT_EQ(first.shown, 3);
  EXPECT_EQ(first.waiting, 1) << "ten minutes old: a click may come";
  EXPECT_EQ(first.clicked, 1);
  EXPECT_EQ(first.added, 1);
  EXPECT_EQ(placements[0].strategies[1].model, "");
  EXPECT_FALSE(placements[0].treatment);
  EXPECT_FALSE(placements[0].revenue);
}

}  // namespace
}  // namespace attune::report
