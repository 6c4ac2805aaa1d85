#include "report/range.h"

#include <gtest/gtest.h>

#include "site_fixture.h"

namespace attune::report {
namespace {

class RangeTest : public SiteFixture {
 protected:
  RangeTest() { now_ms_ = at("2026-11-21 11:17:30"); }

  std::string days(const Span& span) {
    return day_text(span.first_day) + ".." + day_text(span.last_day);
  }
  ErrorCode error_code(const RangeRequest& request, std::string_view field) {
    const auto range = resolve_range(*session_, site_, request, now_ms_);
    EXPECT_FALSE(range);
    if (range) return ErrorCode::internal;
    EXPECT_EQ(range.error().field(), field);
    return range.error().code();
  }
};

TEST_F(RangeTest, PeriodsAreDaysOfTheSiteAndComparedWithAsManyBefore) {
  const std::vector<std::array<std::string, 3>> cases{
      {"", "2026-11-21..2026-11-21", "2026-11-20..2026-11-20"},
      {"today", "2026-11-21..2026-11-21", "2026-11-20..2026-11-20"},
      {"yesterday", "2026-11-20..2026-11-20", "2026-11-19..2026-11-19"},
      {"7d", "2026-11-15..2026-11-21", "2026-11-08..2026-11-14"},
      {"30d", "2026-10-23..2026-11-21", "2026-09-23..2026-10-22"},
      {"90d", "2026-08-24..2026-11-21", "2026-05-26..2026-08-23"},
      {"12mo", "2025-11-22..2026-11-21", "2024-11-22..2025-11-21"}};
  for (const auto& [period, span, previous] : cases) {
    const Range found = range({.period = period});
    EXPECT_EQ(days(found.span), span) << period;
    ASSERT_TRUE(found.previous) << period;
    EXPECT_EQ(days(*found.previous), previous) << period;
    EXPECT_EQ(found.previous->instants.end_ms, found.span.instants.begin_ms) << period;
    EXPECT_TRUE(found.span.whole_days);
  }
}

TEST_F(RangeTest, RunningPeriodIsComparedUpToTheSameTimeOfDay) {
  EXPECT_EQ(range({.period = "today"}).previous_until_ms, at("2026-11-20 11:17:30"));
  EXPECT_EQ(range({.period = "7d"}).previous_until_ms, at("2026-11-14 11:17:30"));
  const Range over = range({.period = "yesterday"});
  EXPECT_EQ(over.previous_until_ms, over.previous->instants.end_ms);
}

TEST_F(RangeTest, LastDayIsWholeHoursUpToTheCurrentOne) {
  const Range found = range({.period = "24h"});
  EXPECT_EQ(found.span.instants.begin_ms, at("2026-11-20 12:00:00"));
  EXPECT_EQ(found.span.instants.end_ms, at("2026-11-21 12:00:00"));
  EXPECT_EQ(days(found.span), "2026-11-20..2026-11-21");
  EXPECT_EQ(found.previous->instants.begin_ms, at("2026-11-19 12:00:00"));
  EXPECT_EQ(found.previous_until_ms, at("2026-11-20 11:17:30"));
}

TEST_F(RangeTest, DatesAreIncludedOnBothEnds) {
  const Range found = range({.from = "2026-03-28", .to = "2026-03-30"});
  EXPECT_EQ(days(found.span), "2026-03-28..2026-03-30");
  EXPECT_EQ(found.span.instants.end_ms - found.span.instants.begin_ms, 71 * 3'600'000LL);
  EXPECT_EQ(days(*found.previous), "2026-03-25..2026-03-27");
  EXPECT_EQ(found.previous_until_ms, found.span.instants.begin_ms);
}

TEST_F(RangeTest, EverythingBeginsWithTheFirstNumbersAndIsComparedWithNothing) {
  EXPECT_EQ(days(range({.period = "all"}).span), "2026-11-21..2026-11-21");
  add(Visit{.session = "s", .visitor = "v", .events = {{.at_ms = at("2026-10-02 10:00:00")}}});
  sum_up("2026-10-02", "2026-10-02");
  const Range found = range({.period = "all", .compare = "previous"});
  EXPECT_EQ(days(found.span), "2026-10-02..2026-11-21");
  EXPECT_FALSE(found.previous);
}

TEST_F(RangeTest, NoComparisonWhenNoneIsWanted) {
  EXPECT_FALSE(range({.period = "7d", .compare = "none"}).previous);
}

TEST_F(RangeTest, MistakesAreToldWithTheirField) {
  using enum ErrorCode;
  EXPECT_EQ(error_code({.period = "8d"}, "period"), invalid_argument);
  EXPECT_EQ(error_code({.period = "today", .from = "2026-01-01"}, "period"), invalid_argument);
  EXPECT_EQ(error_code({.from = "2026-02-30", .to = "2026-03-01"}, "from"), invalid_argument);
  EXPECT_EQ(error_code({.from = "2026-02-01"}, "to"), invalid_argument);
  EXPECT_EQ(error_code({.from = "2026-02-02", .to = "2026-02-01"}, "to"), invalid_argument);
  EXPECT_EQ(error_code({.from = "2000-01-01", .to = "2026-01-01"}, "to"), invalid_argument);
  EXPECT_EQ(error_code({.compare = "yes"}, "compare"), invalid_argument);
}

}  // namespace
}  // namespace attune::report
