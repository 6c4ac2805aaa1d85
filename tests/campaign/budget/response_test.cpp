// Curves of accounts whose truth is known: intervals hold, and what cannot be told is refused.
#include "campaign/budget/response.h"

#include <gtest/gtest.h>

#include "simulated.h"

namespace attune::campaign::budget {
namespace {

TEST(ResponseTest, CurvesAreConcaveAndTheirSlopesAreRight) {
  for (const Shape shape : {Shape::exponential, Shape::hyperbolic, Shape::power}) {
    for (const double elasticity : {0.05, 0.4, 0.8, 0.97}) {
      const Curve curve({.shape = shape, .elasticity = elasticity, .unit = 50, .height = 20});
      EXPECT_NEAR(curve.value(50), 20, 1e-9);
      EXPECT_NEAR(curve.slope(50) * 50 / 20, elasticity, 1e-6);
      EXPECT_EQ(curve.value(0), 0);
      double last = curve.slope(1);
      for (double spend = 5; spend < 150; spend += 5) {
        const double numeric = (curve.value(spend + 1e-4) - curve.value(spend - 1e-4)) / 2e-4;
        EXPECT_NEAR(curve.slope(spend), numeric, 1e-5 * (1 + numeric));
        EXPECT_LT(curve.slope(spend), last);
        last = curve.slope(spend);
        // As flat as the end of the curve is, rounding says where.
        if (last > 1e-9) {
          EXPECT_NEAR(curve.spend_at(last) / spend, 1, 1e-5);
        }
      }
    }
  }
}

TEST(ResponseTest, FindsACurveThatIsThere) {
  Random random(7);
  const Curve truth({.shape = Shape::hyperbolic, .elasticity = 0.5, .unit = 100, .height = 60});
  const std::vector<Day> days = simulate({.truth = truth}, random);
  const Response made = fit_response(days, {.last_day = kLastDay});
  ASSERT_EQ(made.refusal, Refusal::none);
  EXPECT_EQ(made.days, 90U);
  EXPECT_LT(made.elasticity.low, 0.5);
  EXPECT_GT(made.elasticity.high, 0.5);
  EXPECT_LT(made.elasticity.high - made.elasticity.low, 0.4);
  const forecast::Spread usual = made.value_at(100);
  EXPECT_NEAR(usual.mean, 60, 4);
  EXPECT_LT(usual.low, usual.mean);
  EXPECT_GT(usual.high, usual.mean);
}

// Of 150 accounts drawn from the prior: 80 % intervals hold within four binomial standard
// deviations (false alarms: 1 in 16,000 for each of the spends looked at).
TEST(ResponseTest, IntervalsHold) {
  constexpr int kAccounts = 150;
  Random random(11);
  int held_below = 0;
  int held_above = 0;
  for (int i = 0; i < kAccounts; ++i) {
    const auto shape = static_cast<Shape>(random.below(kShapes));
    const double elasticity = std::clamp(random.uniform(), 0.02, 0.98);
    const Curve truth({.shape = shape, .elasticity = elasticity, .unit = 100, .height = 30});
    const std::vector<Day> days = simulate({.truth = truth, .weekend = 1.4}, random);
    const Response made =
        fit_response(days, {.last_day = kLastDay, .seed = static_cast<std::uint64_t>(i)});
    ASSERT_FALSE(made.draws.empty());
    // An average day is two weekend days and five others.
    const double level = (5 + 2 * 1.4) / 7;
    const auto holds = [&](double spend) {
      const forecast::Spread told = made.value_at(spend);
      const double is = level * truth.value(spend);
      return told.low <= is && is <= told.high ? 1 : 0;
    };
    held_below += holds(60);
    held_above += holds(150);
  }
  const double tolerance = 4 * std::sqrt(kAccounts * 0.8 * 0.2);
  EXPECT_NEAR(held_below, 0.8 * kAccounts, tolerance);
  EXPECT_NEAR(held_above, 0.8 * kAccounts, tolerance);
}

// At most 5 % of straight lines and of flat ones may be taken for curves; four binomial standard
// deviations above that of 80 is 11 (false alarms: 1 in 30,000).
TEST(ResponseTest, RefusesStraightLinesAndFlatOnes) {
  Random random(13);
  int curves_of_lines = 0;
  int curves_of_flats = 0;
  for (int i = 0; i < 80; ++i) {
    const auto seed = static_cast<std::uint64_t>(i);
    const std::vector<Day> line =
        simulate({.mean = [](double spend) { return 0.4 * spend; }}, random);
    const Response of_line = fit_response(line, {.last_day = kLastDay, .seed = seed});
    curves_of_lines += of_line.is_known() ? 1 : 0;
    EXPECT_NE(of_line.refusal, Refusal::flat);
    const std::vector<Day> flat = simulate({.mean = [](double) { return 40.0; }}, random);
    const Response of_flat = fit_response(flat, {.last_day = kLastDay, .seed = seed});
    curves_of_flats += of_flat.is_known() ? 1 : 0;
    EXPECT_NE(of_flat.refusal, Refusal::linear);
  }
  EXPECT_LE(curves_of_lines, 11);
  EXPECT_LE(curves_of_flats, 11);
}

TEST(ResponseTest, RefusesWhatNumbersCannotTell) {
  Random random(17);
  const Curve truth({.shape = Shape::power, .elasticity = 0.5, .unit = 100, .height = 60});
  const auto refusal_of = [&](const Simulated& account, std::int32_t last_day = kLastDay) {
    return fit_response(simulate(account, random), {.last_day = last_day}).refusal;
  };
  EXPECT_EQ(refusal_of({.truth = truth, .days = 41}), Refusal::few_days);
  EXPECT_EQ(refusal_of({.truth = truth, .spread = 0.01}), Refusal::same_spend);
  EXPECT_EQ(refusal_of({.truth = truth}, kLastDay + 7), Refusal::not_running);
  EXPECT_EQ(refusal_of({.mean = [](double) { return 0.0; }}), Refusal::few_outcomes);
  EXPECT_EQ(refusal_of({.truth = truth, .rest_every = 5, .organic = 30}), Refusal::without_spend);
  EXPECT_EQ(refusal_of({.truth = truth, .rest_every = 5}), Refusal::none);
}

// Spend that follows the weekday alone says nothing of spend: weekdays have levels of their own.
TEST(ResponseTest, DoesNotTakeWeekdaysForSpend) {
  Random random(19);
  std::vector<Day> days;
  for (std::int32_t i = 0; i < 90; ++i) {
    const std::int32_t day = kLastDay - 89 + i;
    const bool is_weekend = weekday_of(day) >= 5;
    const double mean = is_weekend ? 80 : 40;   // whatever is spent
    days.push_back({day, is_weekend ? 200.0 : 100.0, noisy(mean, 1.5, random)});
  }
  EXPECT_EQ(fit_response(days, {.last_day = kLastDay}).refusal, Refusal::unclear);
}

TEST(ResponseTest, TheSameDaysGiveTheSameCurves) {
  Random random(23);
  const Curve truth({.shape = Shape::power, .elasticity = 0.5, .unit = 100, .height = 60});
  const std::vector<Day> days = simulate({.truth = truth}, random);
  const Response one = fit_response(days, {.last_day = kLastDay, .seed = 5});
  const Response same = fit_response(days, {.last_day = kLastDay, .seed = 5});
  const Response other = fit_response(days, {.last_day = kLastDay, .seed = 6});
  EXPECT_EQ(one.value_at(130).mean, same.value_at(130).mean);
  EXPECT_NE(one.value_at(130).mean, other.value_at(130).mean);
}

}  // namespace
}  // namespace attune::campaign::budget
