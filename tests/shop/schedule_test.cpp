#include "shop/schedule.h"

#include <map>

#include <gtest/gtest.h>

#include "shop/random.h"

namespace attune::shop {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kMonday = 1'795'996'800'000;  // 2026-11-30T00:00:00Z

TEST(RhythmTest, HasMeanOneOverAWeek) {
  double sum = 0;
  for (int minute = 0; minute < 7 * 1440; ++minute) sum += rhythm(kMonday + minute * kMinuteMs);
  EXPECT_NEAR(sum / (7 * 1440), 1, 0.01);
}

TEST(RhythmTest, IsQuietAtNightAndBusyInTheEvening) {
  const double night = rhythm(kMonday + 3 * 60 * kMinuteMs);
  const double evening = rhythm(kMonday + 20 * 60 * kMinuteMs);
  EXPECT_LT(night, 0.2);
  EXPECT_GT(evening, 1.5);
  // Sunday afternoon is busier than Monday afternoon.
  constexpr std::int64_t kAfternoon = kMonday + 14 * 60 * kMinuteMs;
  EXPECT_GT(rhythm(kAfternoon + 6 * 1440 * kMinuteMs), rhythm(kAfternoon));
}

TEST(ArrivalsTest, DependOnSeedAndMinuteAlone) {
  const auto once = arrivals(20, 1000, 5, 300);
  const auto again = arrivals(20, 1000, 5, 300);
  ASSERT_EQ(once.size(), again.size());
  ASSERT_FALSE(once.empty());
  for (std::size_t index = 0; index < once.size(); ++index) {
    EXPECT_EQ(once[index].start_ms, again[index].start_ms);
    EXPECT_EQ(once[index].visitor, again[index].visitor);
    EXPECT_GE(once[index].start_ms, 1000 * kMinuteMs);
    EXPECT_LT(once[index].start_ms, 1001 * kMinuteMs);
    if (index > 0) {
      EXPECT_GE(once[index].start_ms, once[index - 1].start_ms);
    }
  }
}

TEST(ArrivalsTest, HaveTheMeanAskedForAndRegulars) {
  std::uint64_t count = 0;
  std::uint64_t regulars = 0;
  for (std::int64_t minute = 0; minute < 10'000; ++minute) {
    for (const Arrival& arrival : arrivals(20, minute, 1.5, 1000)) {
      ASSERT_LT(arrival.visitor, 1000U);
      ++count;
      regulars += arrival.visitor < 200 ? 1 : 0;
    }
  }
  // Poisson(15000): deviation 122; the seed is fixed.
  EXPECT_NEAR(static_cast<double>(count), 15'000, 600);
  EXPECT_NEAR(static_cast<double>(regulars) / static_cast<double>(count), 0.52, 0.02);
}

TEST(RandomTest, WeightedDrawsInProportion) {
  Random random(1);
  const double weights[] = {1, 0, 3};
  std::map<std::size_t, int> drawn;
  for (int draw = 0; draw < 40'000; ++draw) ++drawn[random.weighted(weights)];
  EXPECT_EQ(drawn[1], 0);
  EXPECT_NEAR(drawn[2], 30'000, 500);  // deviation 87; the seed is fixed
}

}  // namespace
}  // namespace attune::shop
