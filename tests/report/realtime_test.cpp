#include <gtest/gtest.h>

#include <numeric>

#include "site_fixture.h"

namespace attune::report {
namespace {

class RealtimeTest : public SiteFixture {
 protected:
  RealtimeTest() { now_ms_ = at("2026-11-21 11:20:30"); }
  std::int64_t ago(std::int64_t seconds) const { return now_ms_ - seconds * 1000; }
  Realtime now() { return must(realtime(*session_, site_, now_ms_)); }
};

TEST_F(RealtimeTest, ShowsTheLastHalfHour) {
  add(Visit{.session = "a", .visitor = "ann", .events = {
      {.at_ms = ago(3600), .path = "/old"},
      {.at_ms = ago(1200), .path = "/a"},
      {.at_ms = ago(10), .type = "click", .path = "/a"}},
      .referrer_type = "search", .platform = "Google"});
  add(Visit{.session = "b",
            .visitor = "bob",
            .events = {{.at_ms = ago(320), .path = "/a"}}});
  add(Visit{
      .session = "c", .visitor = "cid", .events = {{.at_ms = ago(5), .path = "/b"}}});
  add(Visit{.session = "d", .visitor = "dee", .events = {{.at_ms = ago(2000), .path = "/gone"}}});
  const Realtime answer = now();
  EXPECT_EQ(answer.visitors_now, 2);
  EXPECT_EQ(answer.visitors_30m, 3);
  ASSERT_EQ(answer.minutes.size(), 30U);
  EXPECT_EQ(answer.minutes.back().t_ms, at("2026-11-21 11:20:00"));
  EXPECT_EQ(answer.minutes.back().visitors, 2);
  EXPECT_EQ(answer.minutes.back().pageviews, 1);
  EXPECT_EQ(answer.minutes.front().t_ms, at("2026-11-21 10:51:00"));
  EXPECT_EQ(std::accumulate(
                answer.minutes.begin(), answer.minutes.end(), std::int64_t{0},
                [](std::int64_t sum, const RealtimeMinute& each) { return sum + each.pageviews; }),
            3);
  ASSERT_EQ(answer.pages.size(), 2U);
  EXPECT_EQ(answer.pages[0].name, "/a");
  EXPECT_EQ(answer.pages[0].visitors, 2);
  ASSERT_EQ(answer.sources.size(), 2U);
  EXPECT_EQ(answer.sources[0].name, "direct");
  EXPECT_EQ(answer.sources[1].name, "Google");
  ASSERT_EQ(answer.events.size(), 4U);
  EXPECT_EQ(answer.events[0].visitor, "cid");
  EXPECT_EQ(answer.events[1].event_type, "click");
  EXPECT_EQ(answer.events[1].path, "/a");
  EXPECT_EQ(answer.events[1].country, "DE");
  EXPECT_EQ(answer.events[1].device_type, "mobile");
  EXPECT_EQ(answer.events[1].t_ms, ago(10));
}

TEST_F(RealtimeTest, EmptySiteHasThirtyEmptyMinutes) {
  const Realtime answer = now();
  EXPECT_EQ(answer.visitors_now, 0);
  EXPECT_EQ(answer.minutes.size(), 30U);
  EXPECT_TRUE(answer.events.empty());
}

TEST_F(RealtimeTest, KeepsToThirtyEventsAndTenPages) {
  Visit visit{.session = "a", .visitor = "ann"};
  for (int i = 0; i < 50; ++i)
    visit.events.push_back({.at_ms = ago(500 - i), .path = "/" + std::to_string(i)});
  add(visit);
  const Realtime answer = now();
  EXPECT_EQ(answer.events.size(), 30U);
  EXPECT_EQ(answer.events.front().path, "/49");
  EXPECT_EQ(answer.pages.size(), 10U);
}

}  // namespace
}  // namespace attune::report
