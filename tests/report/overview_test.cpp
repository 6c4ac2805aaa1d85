#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "site_fixture.h"

namespace attune::report {
namespace {

using testing::DoubleEq;
using testing::Optional;

RangeRequest period(std::string name) {
  return {.period = std::move(name)};
}
RangeRequest dates(std::string from, std::string to) {
  return {.from = std::move(from), .to = std::move(to)};
}

// Yesterday: Ann looks at two pages and clicks; Bob leaves at once; Ann comes again before midnight
// and stays until after it; Dee's tab, open since the day before, is used again only today.
class OverviewTest : public SiteFixture {
 protected:
  OverviewTest() {
    now_ms_ = at("2026-11-21 11:00:00");
    add(Visit{.session = "a1", .visitor = "ann", .events = {
        {.at_ms = at("2026-11-20 09:00:00"), .path = "/a"},
        {.at_ms = at("2026-11-20 09:01:00"), .path = "/b"},
        {.at_ms = at("2026-11-20 09:02:00"), .type = "click", .path = "/b"}}});
    add(Visit{.session = "b1", .visitor = "bob", .events = {{.at_ms = at("2026-11-20 12:30:00")}}});
    add(Visit{.session = "a2", .visitor = "ann", .events = {
        {.at_ms = at("2026-11-20 23:50:00")}, {.at_ms = at("2026-11-21 00:10:00")}}});
    add(Visit{.session = "d1", .visitor = "dee", .events = {
        {.at_ms = at("2026-11-19 20:00:00")}, {.at_ms = at("2026-11-21 08:00:00")}}});
    add(Visit{.session = "c1", .visitor = "cid", .events = {{.at_ms = at("2026-11-21 08:30:00")}}});
    add(Order{.visitor = "bob", .at_ms = at("2026-11-20 12:31:00"), .revenue_cents = 3050});
    add(Order{.visitor = "cid", .at_ms = at("2026-11-21 08:31:00"), .revenue_cents = 1000});
    sum_up("2026-11-19", "2026-11-21");
  }
};

TEST_F(OverviewTest, CountsAFullDay) {
  const Totals totals = overview_of(period("yesterday")).totals;
  EXPECT_EQ(totals.visitors, 2);   // Dee did nothing that day
  EXPECT_EQ(totals.sessions, 3);
  EXPECT_EQ(totals.pageviews, 4);
  EXPECT_EQ(totals.events, 1);
  EXPECT_THAT(totals.bounce_rate, Optional(DoubleEq(1.0 / 3)));
  EXPECT_THAT(totals.avg_session_duration_seconds, Optional(DoubleEq((120 + 0 + 1200) / 3.0)));
  EXPECT_THAT(totals.pages_per_session, Optional(DoubleEq(5.0 / 3)));
  EXPECT_EQ(totals.orders, 1);
  EXPECT_DOUBLE_EQ(totals.revenue, 30.5);
}

TEST_F(OverviewTest, RunningDayIsCountedFromTheFactsAndComparedUpToNow) {
  mark_pending("2026-11-21");
  const Overview answer = overview_of(period("today"));
  EXPECT_EQ(answer.totals.visitors, 3);    // Ann after midnight, Dee, Cid
  EXPECT_EQ(answer.totals.sessions, 1);
  EXPECT_EQ(answer.totals.pageviews, 3);
  EXPECT_EQ(answer.totals.orders, 1);
  EXPECT_DOUBLE_EQ(answer.totals.revenue, 10);
  ASSERT_TRUE(answer.previous);
  EXPECT_EQ(answer.previous->visitors, 1);   // by 11:00 yesterday there was only Ann
  EXPECT_EQ(answer.previous->sessions, 1);
  EXPECT_EQ(answer.previous->pageviews, 2);
  EXPECT_EQ(answer.previous->orders, 0);
}

TEST_F(OverviewTest, VisitorsOfSeveralDaysAreDistinctNotSummed) {
  const Totals totals = overview_of(period("7d")).totals;
  EXPECT_EQ(totals.visitors, 4);
  EXPECT_EQ(totals.sessions, 5);
  EXPECT_EQ(totals.pageviews, 8);
  EXPECT_EQ(totals.orders, 2);
  EXPECT_DOUBLE_EQ(totals.revenue, 40.5);
  EXPECT_EQ(overview_of(dates("2026-11-20", "2026-11-21")).totals.visitors, 4);
}

TEST_F(OverviewTest, DayStillToBeAddedUpIsReadFromTheFacts) {
  add(Visit{.session = "e1", .visitor = "eve", .events = {{.at_ms = at("2026-11-20 13:00:00")}}});
  EXPECT_EQ(overview_of(period("yesterday")).totals.pageviews, 4);   // the row is a little behind
  mark_pending("2026-11-20");
  const Totals totals = overview_of(period("yesterday")).totals;
  EXPECT_EQ(totals.pageviews, 5);
  EXPECT_EQ(totals.visitors, 3);
  EXPECT_EQ(overview_of(period("7d")).totals.pageviews, 9);
}

TEST_F(OverviewTest, LastDayCountsHoursNotDays) {
  const Totals totals = overview_of(period("24h")).totals;   // yesterday 12:00 until 12:00
  EXPECT_EQ(totals.visitors, 4);
  EXPECT_EQ(totals.sessions, 3);
  EXPECT_EQ(totals.pageviews, 5);
  EXPECT_EQ(totals.orders, 2);
}

TEST_F(OverviewTest, EmptySiteHasZeroesAndNoRates) {
  site_.id = must(Uuid::parse("11111111-2222-4333-8444-555555555555"));
  for (const char* name : {"today", "yesterday", "24h", "7d", "12mo", "all"}) {
    const Overview answer = overview_of(period(name));
    EXPECT_EQ(answer.totals.visitors, 0) << name;
    EXPECT_EQ(answer.totals.sessions, 0) << name;
    EXPECT_EQ(answer.totals.revenue, 0) << name;
    EXPECT_FALSE(answer.totals.bounce_rate) << name;
    EXPECT_FALSE(answer.totals.avg_session_duration_seconds) << name;
    EXPECT_FALSE(answer.totals.pages_per_session) << name;
  }
}

TEST_F(OverviewTest, OtherSitesAreNotCounted) {
  const Site other{must(Uuid::parse("11111111-2222-4333-8444-555555555555")), site_.zone};
  add(Visit{.session = "x", .visitor = "xan", .events = {{.at_ms = at("2026-11-20 10:00:00")}}},
      other);
  EXPECT_EQ(overview_of(period("7d")).totals.visitors, 4);
  const Range range = must(resolve_range(*session_, other, period("7d"), now_ms_));
  EXPECT_EQ(must(overview(*session_, other, range)).totals.visitors, 1);
}

TEST_F(OverviewTest, LeavesNoTransactionOpen) {
  overview_of(period("7d"));
  must(session_->begin());
  must(session_->commit());
}

// A site with random visits over three weeks and a change of clocks, some across midnight, some of
// days with gaps, some by visitors that come again: every answer against sets kept beside it, and
// single days against the row the ETL writes.
TEST_F(OverviewTest, AgreesWithPlainCountingAndWithTheDailyRows) {
  site_.id = must(Uuid::parse("99999999-2222-4333-8444-555555555555"));
  now_ms_ = at("2026-11-05 15:00:00");
  std::mt19937_64 random(20261105);
  const std::int32_t first = must(parse_day("2026-10-16"));
  const std::int32_t today = site_.zone.day_of(now_ms_);
  std::map<std::int32_t, std::set<std::string>> seen;
  std::map<std::int32_t, std::int64_t> views, actions, starts;
  const std::int64_t begin_ms = site_.zone.day_bounds(first).begin_ms;
  must(session_->begin());
  for (int i = 0; i < 400; ++i) {
    const std::string visitor = "v" + std::to_string(random() % 120);
    Visit visit{.session = "s" + std::to_string(i), .visitor = visitor};
    std::int64_t time = begin_ms + static_cast<std::int64_t>(
                                       random() % static_cast<std::uint64_t>(now_ms_ - begin_ms));
    const std::int32_t start_day = site_.zone.day_of(time);
    const int count = 1 + static_cast<int>(random() % 6);
    for (int j = 0; j < count && time <= now_ms_; ++j) {
      const bool view = random() % 3 != 0;
      visit.events.push_back({.at_ms = time, .type = view ? "pageview" : "click"});
      const std::int32_t day = site_.zone.day_of(time);
      seen[day].insert(visitor);
      ++(view ? views : actions)[day];
      const bool days_later = random() % 40 == 0;
      time += static_cast<std::int64_t>(days_later ? random() % (3ULL * 86'400'000)
                                                   : random() % 1'700'000);
    }
    ++starts[start_day];
    add(visit);
  }
  sum_up("2026-10-16", "2026-11-05");
  must(session_->commit());
  for (std::int32_t a = first; a <= today; ++a) {
    for (std::int32_t b = a; b <= today; b += 1 + static_cast<std::int32_t>(random() % 5)) {
      std::set<std::string> visitors;
      Totals expected;
      for (std::int32_t day = a; day <= b; ++day) {
        visitors.insert(seen[day].begin(), seen[day].end());
        expected.pageviews += views[day];
        expected.events += actions[day];
        expected.sessions += starts[day];
      }
      const Totals totals = overview_of(dates(day_text(a), day_text(b))).totals;
      ASSERT_EQ(totals.visitors, visitors.size()) << day_text(a) << ".." << day_text(b);
      ASSERT_EQ(totals.pageviews, expected.pageviews);
      ASSERT_EQ(totals.events, expected.events);
      ASSERT_EQ(totals.sessions, expected.sessions);
      if (a != b) continue;
      const store::Rows row = must(session_->query_text(
          "select unique_visitors, total_sessions, total_pageviews, total_events, bounce_rate, "
          "avg_session_duration_seconds from daily_site_metrics where metric_date = date '" +
          day_text(a) + "' and site_id = '" + site_.id.text() + "'"));
      ASSERT_EQ(row.rows.size(), 1U);
      EXPECT_EQ(row.rows[0][0], store::Value(totals.visitors));
      EXPECT_EQ(row.rows[0][1], store::Value(totals.sessions));
      EXPECT_EQ(row.rows[0][2], store::Value(totals.pageviews));
      EXPECT_EQ(row.rows[0][3], store::Value(totals.events));
      if (!totals.bounce_rate) continue;
      EXPECT_NEAR(std::get<double>(row.rows[0][4]), *totals.bounce_rate, 0.00005001);
      EXPECT_NEAR(static_cast<double>(std::get<std::int64_t>(row.rows[0][5])),
                  *totals.avg_session_duration_seconds, 0.5001);
    }
  }
}

}  // namespace
}  // namespace attune::report
