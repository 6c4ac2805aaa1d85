// Budgets of accounts whose curves are known, held against the best there is.
#include "campaign/budget/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "simulated.h"

namespace attune::campaign::budget {
namespace {

using testing::HasSubstr;

Curve curve_of(Shape shape, double elasticity, double height) {
  return Curve({.shape = shape, .elasticity = elasticity, .unit = 100, .height = height});
}

double value_of(std::span<const Curve> curves, std::span<const double> spends) {
  double sum = 0;
  for (std::size_t i = 0; i < curves.size(); ++i) sum += curves[i].value(spends[i]);
  return sum;
}

std::vector<double> divided(std::span<const Curve> curves, std::span<const Bounds> bounds,
                            double total) {
  std::vector<const Curve*> pointers;
  for (const Curve& each : curves) pointers.push_back(&each);
  return divide(pointers, bounds, total);
}

TEST(PlanTest, DividesWhereTheSlopesAreEqual) {
  const std::vector<Curve> curves = {curve_of(Shape::exponential, 0.6, 40),
                                     curve_of(Shape::hyperbolic, 0.3, 80),
                                     curve_of(Shape::power, 0.8, 20)};
  const std::vector<Bounds> bounds(3, {0, 1000});
  const std::vector<double> best = divided(curves, bounds, 300);
  EXPECT_NEAR(std::accumulate(best.begin(), best.end(), 0.0), 300, 1e-6);
  EXPECT_NEAR(curves[0].slope(best[0]), curves[1].slope(best[1]), 1e-6);
  EXPECT_NEAR(curves[0].slope(best[0]), curves[2].slope(best[2]), 1e-6);
  // No step of a grid is better.
  const double most = value_of(curves, best);
  for (double a = 0; a <= 300; a += 10) {
    for (double b = 0; a + b <= 300; b += 10) {
      const std::vector<double> other = {a, b, 300 - a - b};
      EXPECT_LE(value_of(curves, other), most + 1e-9);
    }
  }
}

TEST(PlanTest, KeepsBoundsWhateverIsAsked) {
  const std::vector<Curve> curves = {curve_of(Shape::power, 0.98, 40),
                                     curve_of(Shape::power, 0.98, 41),
                                     curve_of(Shape::exponential, 0.02, 80)};
  const std::vector<Bounds> bounds = {{10, 50}, {20, 60}, {0, 30}};
  for (const double total : {0.0, 30.0, 31.0, 77.7, 139.9, 140.0, 1e6}) {
    const std::vector<double> best = divided(curves, bounds, total);
    double sum = 0;
    for (std::size_t i = 0; i < best.size(); ++i) {
      EXPECT_GE(best[i], bounds[i].low);
      EXPECT_LE(best[i], bounds[i].high);
      sum += best[i];
    }
    EXPECT_NEAR(sum, std::clamp(total, 30.0, 140.0), 1e-6) << total;
  }
}

struct Account {
  std::vector<Curve> truth = {curve_of(Shape::exponential, 0.75, 90),
                              curve_of(Shape::hyperbolic, 0.4, 60),
                              curve_of(Shape::power, 0.5, 40)};
  std::vector<Item> items;
  explicit Account(std::uint64_t seed, double noise = 1.5) {
    Random random(seed);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      items.push_back({.name = "c" + std::to_string(i),
                       .days = simulate({.truth = truth[i], .noise = noise}, random),
                       .least = {}, .most = {}});
    }
  }
};

// Two thirds of what the best division would gain, in each of 10 accounts, and 98 % of its outcome.
TEST(PlanTest, ComesCloseToTheBestDivision) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Account account(seed);
    const auto plan =
        plan_budget(account.items, {.total = {}, .change_max = 0.6, .last_day = kLastDay});
    ASSERT_TRUE(plan) << plan.error().message();
    std::vector<Bounds> bounds;
    std::vector<double> now;
    std::vector<double> proposed;
    for (const Line& each : plan->lines) {
      ASSERT_TRUE(each.response.is_known()) << words_of(each.response);
      bounds.push_back(each.bounds);
      now.push_back(each.response.present_spend);
      proposed.push_back(each.proposed);
    }
    EXPECT_NEAR(plan->proposed, plan->total, 1e-6);
    const double best = value_of(account.truth, divided(account.truth, bounds, plan->total));
    const double before = value_of(account.truth, now);
    const double after = value_of(account.truth, proposed);
    EXPECT_GT(after, 0.98 * best) << seed;
    EXPECT_GT(after - before, 0.66 * (best - before)) << seed;
    EXPECT_GT(plan->chance_better, 0.9) << seed;
  }
}

// Of 80 accounts: the 80 % interval of the outcome holds what the truth gives at the proposed
// spends, within four binomial standard deviations (false alarms: 1 in 16,000).
TEST(PlanTest, IntervalsOfTheOutcomeHold) {
  constexpr int kAccounts = 80;
  int held = 0;
  for (int i = 0; i < kAccounts; ++i) {
    const Account account(static_cast<std::uint64_t>(1000 + i));
    const auto plan = plan_budget(account.items, {.total = {}, .last_day = kLastDay});
    ASSERT_TRUE(plan);
    double truth = 0;
    for (std::size_t j = 0; j < account.truth.size(); ++j) {
      if (!plan->lines[j].response.is_known()) continue;
      truth += account.truth[j].value(plan->lines[j].proposed);
    }
    held += plan->then.low <= truth && truth <= plan->then.high ? 1 : 0;
  }
  EXPECT_NEAR(held, 0.8 * kAccounts, 4 * std::sqrt(kAccounts * 0.8 * 0.2));
}

TEST(PlanTest, GoesNoFurtherThanDaysOwnersAndNumbersAllow) {
  Account account(3);
  const auto by_day = plan_budget(account.items, {.total = {}, .last_day = kLastDay});
  ASSERT_TRUE(by_day);
  for (const Line& each : by_day->lines) {
    EXPECT_LE(each.proposed, 1.2 * each.response.present_spend + 1e-9);
    EXPECT_GE(each.proposed, 0.8 * each.response.present_spend - 1e-9);
  }
  EXPECT_EQ(by_day->lines[0].stop, Stop::change);
  EXPECT_THAT(words_of(by_day->lines[0]), HasSubstr("No further in one day"));
  const double present = by_day->lines[0].response.present_spend;
  account.items[0].most = present * 1.05;
  const auto by_owner = plan_budget(account.items, {.total = {}, .last_day = kLastDay});
  ASSERT_TRUE(by_owner);
  EXPECT_NEAR(by_owner->lines[0].proposed, present * 1.05, 1e-6);
  EXPECT_EQ(by_owner->lines[0].stop, Stop::owner);
  // Ten times the budget is not spent: nobody has seen what it would bring.
  account.items[0].most = {};
  const auto by_reach = plan_budget(
      account.items, {.total = 3000, .change_max = 20, .last_day = kLastDay});
  ASSERT_TRUE(by_reach);
  EXPECT_LT(by_reach->proposed, 3000);
  for (const Line& each : by_reach->lines) {
    EXPECT_NEAR(each.proposed, kReach * each.response.spend_max, 1e-6);
    EXPECT_EQ(each.stop, Stop::reach);
  }
}

TEST(PlanTest, KeepsTheSpendOfWhatIsNotKnown) {
  Account account(5);
  Random random(29);
  account.items.push_back({.name = "even",
                           .days = simulate({.truth = account.truth[0], .spread = 0.001}, random),
                           .least = {}, .most = {}});
  account.items.push_back({.name = "over", .days = {{kLastDay - 30, 50, 3}}, .least = {},
                           .most = {}});
  const auto plan = plan_budget(account.items, {.total = {}, .last_day = kLastDay});
  ASSERT_TRUE(plan);
  const Line& even = plan->lines[3];
  EXPECT_EQ(even.response.refusal, Refusal::same_spend);
  EXPECT_EQ(even.proposed, even.response.present_spend);
  EXPECT_THAT(words_of(even), HasSubstr("Keeps its spend. Its spend has hardly changed"));
  EXPECT_EQ(plan->held, even.proposed);
  EXPECT_EQ(plan->lines[4].proposed, 0);
  EXPECT_THAT(words_of(plan->lines[4]), HasSubstr("spent nothing"));
  EXPECT_NEAR(plan->proposed, plan->total, 1e-6);
}

TEST(PlanTest, RefusesATotalThatCannotBe) {
  const Account account(7);
  const auto low = plan_budget(account.items, {.total = 100, .last_day = kLastDay});
  ASSERT_FALSE(low);
  EXPECT_EQ(low.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(low.error().field(), "total");
  const auto none = plan_budget({}, {.total = 100, .last_day = kLastDay});
  ASSERT_TRUE(none);   // nobody to give it to
  EXPECT_EQ(none->proposed, 0);
}

TEST(PlanTest, TheSameSeedProposesTheSame) {
  const Account account(9);
  const auto one = plan_budget(account.items, {.total = {}, .last_day = kLastDay, .seed = 1});
  const auto same = plan_budget(account.items, {.total = {}, .last_day = kLastDay, .seed = 1});
  ASSERT_TRUE(one);
  ASSERT_TRUE(same);
  for (std::size_t i = 0; i < one->lines.size(); ++i) {
    EXPECT_EQ(one->lines[i].proposed, same->lines[i].proposed);
  }
  EXPECT_EQ(one->gain.mean, same->gain.mean);
}

}  // namespace
}  // namespace attune::campaign::budget
