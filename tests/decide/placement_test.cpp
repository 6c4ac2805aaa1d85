#include "decide/placement.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace attune::decide {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kSaturdayNoonMs = 1'795'262'400'000;  // 2026-11-21 12:00 UTC

TEST(ScheduleTest, HoldsFromItsBeginUntilItsEnd) {
  const Schedule schedule{.from_ms = 100, .until_ms = 200};
  EXPECT_FALSE(schedule.holds(99, {}));
  EXPECT_TRUE(schedule.holds(100, {}));
  EXPECT_TRUE(schedule.holds(199, {}));
  EXPECT_FALSE(schedule.holds(200, {}));
}

TEST(ScheduleTest, DaysAndHoursAreTheSites) {
  const auto auckland = TimeZone::find("Pacific/Auckland");  // 13 hours ahead: 01:00 on Sunday
  ASSERT_TRUE(auckland) << auckland.error().message();
  Schedule saturday;
  saturday.days = 1U << 5;
  EXPECT_TRUE(saturday.holds(kSaturdayNoonMs, {}));
  EXPECT_FALSE(saturday.holds(kSaturdayNoonMs, *auckland));
  Schedule noon;
  noon.from_hour = 12;
  noon.until_hour = 13;
  EXPECT_TRUE(noon.holds(kSaturdayNoonMs, {}));
  EXPECT_FALSE(noon.holds(kSaturdayNoonMs + kHourMs, {}));
  EXPECT_FALSE(noon.holds(kSaturdayNoonMs, *auckland));
}

TEST(ScheduleTest, ANightBelongsToTheDayItBeganOn) {
  Schedule night;
  night.days = 1U << 5;  // Saturday, 22:00 to 04:00
  night.from_hour = 22;
  night.until_hour = 4;
  EXPECT_FALSE(night.holds(kSaturdayNoonMs - 9 * kHourMs, {})) << "03:00, the night of Friday";
  EXPECT_FALSE(night.holds(kSaturdayNoonMs, {}));
  EXPECT_TRUE(night.holds(kSaturdayNoonMs + 11 * kHourMs, {})) << "23:00";
  EXPECT_TRUE(night.holds(kSaturdayNoonMs + 15 * kHourMs, {})) << "Sunday 03:00";
  EXPECT_FALSE(night.holds(kSaturdayNoonMs + 16 * kHourMs, {})) << "Sunday 04:00";
}

TEST(ConditionTest, EveryGivenAttributeMustFit) {
  SnapshotItem mug;
  mug.category = hash64("mugs");
  mug.brand = hash64("acme");
  mug.labels = {hash64("new"), hash64("gift")};
  mug.type = hash64("product");
  mug.product.price = 10;
  EXPECT_TRUE(Condition{}.fits(1, &mug));
  EXPECT_TRUE(Condition{}.is_empty());
  Condition both;
  both.categories = {hash64("mugs")};
  both.price_max = 10;
  EXPECT_FALSE(both.is_empty());
  EXPECT_TRUE(both.fits(1, &mug));
  both.price_max = 9.99;
  EXPECT_FALSE(both.fits(1, &mug));
  Condition label;
  label.labels = {hash64("gift")};
  EXPECT_TRUE(label.fits(1, &mug));
  label.labels = {hash64("sale")};
  EXPECT_FALSE(label.fits(1, &mug));
  Condition items;
  items.items = {3, 5};
  EXPECT_TRUE(items.fits(5, nullptr));
  EXPECT_FALSE(items.fits(4, &mug));
  Condition stock;
  stock.in_stock = false;
  EXPECT_FALSE(stock.fits(1, &mug));
  EXPECT_FALSE(stock.fits(1, nullptr)) << "nothing is known of it";
  Condition price;
  price.price_min = 1;
  mug.product.price.reset();
  EXPECT_FALSE(price.fits(1, &mug)) << "no price fits no band";
}

TEST(SiteRulesTest, AnUnknownPlacementIsTheDefaultOne) {
  SiteRules rules;
  EXPECT_EQ(rules.find("cart").count, 10U);
  rules.placements["default"].count = 3;
  rules.placements["cart"].count = 5;
  EXPECT_EQ(rules.find("cart").count, 5U);
  EXPECT_EQ(rules.find("elsewhere").count, 3U);
}

}  // namespace
}  // namespace attune::decide
