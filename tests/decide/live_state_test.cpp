#include "decide/live_state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "test_shop.h"

namespace attune::decide {
namespace {

using testing::ElementsAre;

std::map<std::string, std::uint32_t> counts(const LiveState& live, std::int64_t hour,
                                            const Uuid& site = test_site()) {
  std::map<std::string, std::uint32_t> all;
  live.each_item(site, [&](ItemKey, const LiveItem& item) { all[item.id] = item.hours.at(hour); });
  return all;
}

TEST(LiveStateTest, RemembersTheItemsOfAVisit) {
  LiveState live;
  apply(live, {"ann", "s1", {"mug"}});
  apply(live, {"ann", "s1", {"hat"}, kTestNowMs + 1000});
  apply(live, {"ann", "s1", {"hat"}, kTestNowMs + 2000, event::Kind::cart_add});
  Trail trail;
  ASSERT_TRUE(live.find_trail(test_site(), "", "s1", trail));
  EXPECT_THAT(trail.recent(), ElementsAre(key_of("mug"), key_of("hat")));
  ASSERT_TRUE(live.find_trail(test_site(), "ann", "", trail));
  EXPECT_THAT(trail.recent(), ElementsAre(key_of("mug"), key_of("hat")));
  ASSERT_TRUE(live.find_trail(test_site(), "ann", "not seen yet", trail))
      << "else the visitor's latest";
  EXPECT_EQ(trail.item_count, 2);
  EXPECT_FALSE(live.find_trail(test_site(), "bob", "s2", trail));
  EXPECT_FALSE(live.find_trail(test_site(2), "ann", "s1", trail)) << "of another site";
  EXPECT_FALSE(live.find_trail(test_site(), "s1", "ann", trail)) << "a visitor is not a visit";
}

TEST(LiveStateTest, ANewVisitBeginsAnew) {
  LiveState live;
  apply(live, {"ann", "s1", {"mug"}});
  apply(live, {"ann", "s2", {"hat"}, kTestNowMs + 1000});
  Trail trail;
  ASSERT_TRUE(live.find_trail(test_site(), "ann", "", trail));
  EXPECT_THAT(trail.recent(), ElementsAre(key_of("hat")));
  ASSERT_TRUE(live.find_trail(test_site(), "ann", "s1", trail));
  EXPECT_THAT(trail.recent(), ElementsAre(key_of("mug")));
  // Without a session id half an hour of silence does it.
  apply(live, {"bob", "", {"mug"}});
  apply(live, {"bob", "", {"hat"}, kTestNowMs + 30 * 60'000});
  ASSERT_TRUE(live.find_trail(test_site(), "bob", "", trail));
  EXPECT_EQ(trail.item_count, 2);
  apply(live, {"bob", "", {"cup"}, kTestNowMs + 61 * 60'000});
  ASSERT_TRUE(live.find_trail(test_site(), "bob", "", trail));
  EXPECT_THAT(trail.recent(), ElementsAre(key_of("cup")));
}

TEST(LiveStateTest, PurchasesStayWithTheVisitor) {
  LiveState live;
  apply(live, {"ann", "s1", {"mug", "hat"}, kTestNowMs, event::Kind::purchase, "user-7"});
  apply(live, {"ann", "s2", {"cup"}, kTestNowMs + 1000});
  Trail trail;
  for (const char* visitor : {"", "ann"}) {
    ASSERT_TRUE(live.find_trail(test_site(), visitor, "s2", trail));
    EXPECT_THAT(trail.recent(), ElementsAre(key_of("cup")));
    EXPECT_THAT(trail.purchases(), ElementsAre(key_of("mug"), key_of("hat")));
    EXPECT_EQ(trail.visitor, key_of("ann"));
    EXPECT_EQ(trail.user, key_of("user-7"));
  }
}

TEST(LiveStateTest, ATrailKeepsTheNewestItems) {
  LiveState live;
  for (int i = 0; i < 30; ++i) {
    apply(live, {"ann", "s1", {fmt::format("item{}", i)}, kTestNowMs + i, event::Kind::purchase});
  }
  Trail trail;
  ASSERT_TRUE(live.find_trail(test_site(), "ann", "s1", trail));
  ASSERT_EQ(trail.item_count, Trail::kItemsMax);
  EXPECT_EQ(trail.recent().front(), key_of("item14"));
  EXPECT_EQ(trail.recent().back(), key_of("item29"));
  EXPECT_EQ(trail.purchases().size(), Trail::kPurchasesMax);
  EXPECT_THAT(trail.purchases(), testing::Contains(key_of("item29")));
  EXPECT_THAT(trail.purchases(), testing::Not(testing::Contains(key_of("item21"))));
}

TEST(LiveStateTest, OnlyLiveInterestOfPeopleCounts) {
  LiveState live;
  TestEvent bot{"b", "s", {"mug"}};
  bot.is_bot = true;
  apply(live, bot);
  TestEvent import{"i", "s", {"mug"}};
  import.stream = 3;
  apply(live, import);
  using enum event::Kind;
  for (const event::Kind kind :
       {cart_remove, wishlist_remove, recommendation_shown, checkout, click}) {
    apply(live, {"v", "s", {"mug"}, kTestNowMs, kind});
  }
  apply(
      live,
      {"v", "s", {"mug", "hat"}, kTestNowMs, pageview});  // a list page: no interest in one of them
  EXPECT_EQ(live.trail_count(), 0U);
  EXPECT_EQ(live.item_count(), 0U);
  EXPECT_EQ(live.revision(test_site()), 0U);
  apply(live, {"v", "s", {"mug"}, kTestNowMs, pageview});
  EXPECT_EQ(live.trail_count(), 2U);
  EXPECT_EQ(live.item_count(), 1U);
}

TEST(LiveStateTest, CountsAnItemOnceAVisit) {
  LiveState live;
  const std::int64_t hour = kTestNowMs / kTestHourMs;
  for (int i = 0; i < 3; ++i) {
    apply(live, {"ann", "s1", {"mug"}});
    apply(live, {"ann", "s1", {"hat"}});
  }
  apply(live, {"ann", "s2", {"mug"}});
  apply(live, {"bob", "", {"mug"}, kTestNowMs + kTestHourMs});
  EXPECT_THAT(counts(live, hour), ElementsAre(testing::Pair("hat", 1), testing::Pair("mug", 2)));
  EXPECT_EQ(counts(live, hour + 1)["mug"], 1U);
  EXPECT_TRUE(counts(live, hour, test_site(2)).empty());
}

TEST(LiveStateTest, ForgetsTheTrailWrittenLongestAgo) {
  LiveState live({.trails_max = 64, .items_max = 100});
  for (int i = 0; i < 1000; ++i) {
    apply(live, {fmt::format("visitor{}", i), "", {"mug"}, kTestNowMs + i});
    apply(live, {"regular", "", {"mug"}, kTestNowMs + i});
  }
  EXPECT_LE(live.trail_count(), 64U);
  Trail trail;
  EXPECT_TRUE(live.find_trail(test_site(), "regular", "", trail));
  EXPECT_TRUE(live.find_trail(test_site(), "visitor999", "", trail));
  EXPECT_FALSE(live.find_trail(test_site(), "visitor0", "", trail));
}

TEST(LiveStateTest, MakesRoomByForgettingQuietItems) {
  LiveState live({.trails_max = 1000, .items_max = 10});
  for (int i = 0; i < 15; ++i) apply(live, {"ann", "", {fmt::format("old{}", i)}});
  EXPECT_EQ(live.item_count(), 10U);
  const std::int64_t later_ms = kTestNowMs + 25 * kTestHourMs;
  apply(live, {"bob", "", {"new"}, later_ms});
  EXPECT_EQ(live.item_count(), 1U);
  EXPECT_EQ(counts(live, later_ms / kTestHourMs)["new"], 1U);
}

TEST(LiveStateTest, ForgetsADeletedSite) {
  LiveState live;
  apply(live, {"ann", "", {"mug"}});
  TestEvent other{"ann", "", {"mug"}};
  other.site = test_site(2);
  apply(live, other);
  EXPECT_EQ(live.sites().size(), 2U);
  live.forget(test_site());
  EXPECT_THAT(live.sites(), ElementsAre(test_site(2)));
  EXPECT_EQ(live.item_count(), 1U);
}

TEST(LiveStateTest, ReadersAndTheWriterDoNotDisturbEachOther) {
  LiveState live({.trails_max = 256, .items_max = 50});
  std::atomic<bool> done{false};
  std::vector<std::jthread> readers;
  for (int r = 0; r < 2; ++r) {
    readers.emplace_back([&] {
      Trail trail;
      while (!done) {
        if (live.find_trail(test_site(), "v3", "s3", trail)) {
          ASSERT_LE(trail.item_count, Trail::kItemsMax);
        }
        (void)counts(live, kTestNowMs / kTestHourMs);
      }
    });
  }
  for (int i = 0; i < 20'000; ++i) {
    apply(live, {fmt::format("v{}", i % 300),
                 fmt::format("s{}", i % 300),
                 {fmt::format("i{}", i % 60)},
                 kTestNowMs + i});
  }
  done = true;
}

TEST(HourCountsTest, RemembersTheLastHoursOnly) {
  HourCounts counts;
  counts.add(1000);
  counts.add(1000);
  counts.add(1005);
  counts.add(1003);
  EXPECT_EQ(counts.at(1000), 2U);
  EXPECT_EQ(counts.at(1003), 1U);
  EXPECT_EQ(counts.at(1004), 0U);
  EXPECT_EQ(counts.at(1006), 0U);
  counts.add(1024);
  EXPECT_EQ(counts.at(1000), 0U);
  EXPECT_EQ(counts.at(1003), 1U);
  counts.add(1000);  // too late
  EXPECT_EQ(counts.at(1000), 0U);
  counts.add(5000);
  for (std::int64_t hour = 4977; hour < 5000; ++hour) EXPECT_EQ(counts.at(hour), 0U);
  EXPECT_EQ(counts.at(5000), 1U);
}

}  // namespace
}  // namespace attune::decide
