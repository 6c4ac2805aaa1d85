// The controller in simulated campaigns: it comes to the target, stays there, and keeps its limits.
#include "campaign/budget/bids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "simulated.h"

namespace attune::campaign::budget {
namespace {

using testing::HasSubstr;

/// A campaign that answers to the multiplier of the day before.
struct Market {
  Aim aim = Aim::cost_per_conversion;
  double start = 20;       // what is measured at a multiplier of 1
  double answer = 1;       // per cent of it for a per cent of the bid
  double conversions = 40; // a day, at a multiplier of 1
  double noise = 1;        // variance by mean of the conversions; 0: none
  double target = 14;

  /// One day at this multiplier.
  BidDay day(std::int32_t number, double multiplier, Random& random) const {
    BidDay made{.day = number, .target = target};
    const double level = std::pow(multiplier, answer);
    const double mean = conversions * std::pow(multiplier, 0.5);
    made.conversions = noise > 0 ? noisy(mean, noise, random) : mean;
    switch (aim) {
      case Aim::cost_per_conversion: made.spend = start * level * mean; break;
      case Aim::spend: made.spend = start * level; break;
      case Aim::roi:   // dearer clicks, less return
        made.spend = 20 * mean * std::pow(multiplier, answer);
        made.revenue = made.conversions * 20 * (1 + start);
        break;
    }
    return made;
  }
};

std::vector<BidStep> run(const Market& market, std::int32_t days, std::uint64_t seed = 1,
                         std::vector<BidDay> past = {}) {
  Random random(seed);
  double multiplier = 1;
  for (std::int32_t i = 0; i < days; ++i) {
    past.push_back(market.day(static_cast<std::int32_t>(past.size()), multiplier, random));
    multiplier = control_bids(market.aim, past).back().multiplier;
  }
  return control_bids(market.aim, past);
}

TEST(BidsTest, ComesToTheTargetWithoutSwinging) {
  struct Case {
    Aim aim;
    double start, target;
  };
  for (const Case& each : {Case{Aim::cost_per_conversion, 20, 14},
                           Case{Aim::cost_per_conversion, 10, 14}, Case{Aim::spend, 130, 100},
                           Case{Aim::roi, 0.2, 0.5}, Case{Aim::roi, 0.6, 0.4}}) {
    for (const double answer : {0.5, 1.0, 2.0, 3.0}) {
      const Market market{.aim = each.aim, .start = each.start, .answer = answer, .noise = 0,
                          .target = each.target};
      const std::vector<BidStep> steps = run(market, 60);
      SCOPED_TRACE(testing::Message() << to_string(each.aim) << " from " << each.start << " to "
                                      << each.target << ", answer " << answer);
      const double first = std::abs(steps.front().error);
      int turns = 0;
      for (std::size_t i = 1; i < steps.size(); ++i) {
        if (i >= 30) {
          EXPECT_LT(std::abs(steps[i].error), 0.06) << "day " << i;
        }
        // Past the target it goes by less than a third of where it began.
        if (steps[i].error * steps.front().error < 0) {
          EXPECT_LT(std::abs(steps[i].error), std::max(first / 3, 0.06)) << "day " << i;
        }
        if (i < 2) continue;
        const double now = steps[i].multiplier - steps[i - 1].multiplier;
        const double before = steps[i - 1].multiplier - steps[i - 2].multiplier;
        turns += now * before < 0 ? 1 : 0;
      }
      EXPECT_LE(turns, 3);
      EXPECT_EQ(steps[58].multiplier, steps[59].multiplier);   // at rest in the dead band
    }
  }
}

// With the noise of 40 conversions a day (a standard deviation of 16 % a day), the last 30 of 90
// days lie about the target, in each of 20 campaigns.
TEST(BidsTest, StaysAtTheTargetInNoise) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::vector<BidStep> steps = run({}, 90, seed);
    double sum = 0;
    double low = 10;
    double high = 0;
    for (std::size_t i = 60; i < 90; ++i) {
      sum += steps[i].multiplier / 30;
      low = std::min(low, steps[i].multiplier);
      high = std::max(high, steps[i].multiplier);
    }
    EXPECT_NEAR(sum, 0.7, 0.08) << seed;
    EXPECT_LT(high / low, 1.6) << seed;
  }
}

TEST(BidsTest, KeepsItsLimitsAndDoesNotWindUp) {
  // Forty days at a target that no bid reaches, then one that is easy.
  const Market hard{.start = 20, .noise = 0, .target = 2};
  Random random(1);
  std::vector<BidDay> days;
  double multiplier = 1;
  for (std::int32_t i = 0; i < 40; ++i) {
    days.push_back(hard.day(i, multiplier, random));
    multiplier = control_bids(hard.aim, days).back().multiplier;
    EXPECT_GE(multiplier, 0.5);
  }
  EXPECT_DOUBLE_EQ(multiplier, 0.5);
  const std::vector<BidStep> stuck = control_bids(hard.aim, days);
  EXPECT_THAT(words_of(hard.aim, stuck), HasSubstr("at its limit, 0.50"));
  Market easy = hard;
  easy.target = 40;
  int waited = 0;
  while (multiplier <= 0.5 && waited < 40) {
    days.push_back(easy.day(40 + waited, multiplier, random));
    multiplier = control_bids(easy.aim, days).back().multiplier;
    ++waited;
  }
  EXPECT_LE(waited, 2);   // an integral that had gone on would take as long again
  for (std::int32_t i = 0; i < 60; ++i) {
    const double before = multiplier;
    days.push_back(easy.day(80 + i, multiplier, random));
    multiplier = control_bids(easy.aim, days).back().multiplier;
    EXPECT_LE(multiplier, 2);
    EXPECT_LE(multiplier / before, 1.2 + 1e-9);
    EXPECT_GE(multiplier / before, 1 / 1.2 - 1e-9);
  }
}

TEST(BidsTest, FewNumbersMoveLittle) {
  // One conversion that cost three times the target is no reason to bid less by a half.
  const BidDay day{.day = 1, .spend = 42, .conversions = 1, .revenue = 0, .target = 14};
  const std::vector<BidStep> steps = control_bids(Aim::cost_per_conversion, {&day, 1});
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_NEAR(steps[0].measured, (42 + 28) / 3.0, 1e-9);
  EXPECT_LT(steps[0].multiplier, 1);
  EXPECT_GT(steps[0].multiplier, 0.8);
  EXPECT_THAT(words_of(Aim::cost_per_conversion, steps), HasSubstr("% less"));
  // None at all, and no spend: nothing to go by.
  const BidDay none{.day = 1, .target = 14};
  EXPECT_EQ(control_bids(Aim::cost_per_conversion, {&none, 1})[0].multiplier, 1);
  EXPECT_THAT(words_of(Aim::spend, {}), HasSubstr("no numbers"));
}

TEST(BidsTest, CloseEnoughMovesNothing) {
  std::vector<BidDay> days;
  for (std::int32_t i = 0; i < 10; ++i) days.push_back({i, 104, 8, 0, 100});
  const std::vector<BidStep> steps = control_bids(Aim::spend, days);
  EXPECT_EQ(steps.back().multiplier, 1);
  EXPECT_THAT(words_of(Aim::spend, steps), HasSubstr("close enough"));
}

}  // namespace
}  // namespace attune::campaign::budget
