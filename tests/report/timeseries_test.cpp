#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "site_fixture.h"

namespace attune::report {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::Optional;

class TimeseriesTest : public SiteFixture {
 protected:
  TimeseriesTest() { now_ms_ = at("2026-11-21 11:20:00"); }

  Timeseries ask(const RangeRequest& request, Metric metric, Interval interval) {
    return must(timeseries(*session_, site_, range(request), metric, interval));
  }
  Timeseries series(std::string period, Metric metric = Metric::visitors,
                    Interval interval = Interval::automatic) {
    return ask({.period = std::move(period)}, metric, interval);
  }
  Timeseries series_of(std::string from, std::string to, Metric metric,
                       Interval interval = Interval::automatic) {
    return ask({.from = std::move(from), .to = std::move(to)}, metric, interval);
  }
  void visit(std::string visitor, std::string_view local, int views = 1) {
    Visit visit{.session = "s" + std::to_string(visits_++), .visitor = std::move(visitor)};
    for (int i = 0; i < views; ++i) visit.events.push_back({.at_ms = at(local) + i * 1000});
    add(visit);
  }
  static std::vector<double> values(const Timeseries& series) {
    std::vector<double> all;
    for (const Point& point : series.points) all.push_back(point.value);
    return all;
  }

 private:
  int visits_ = 0;
};

TEST_F(TimeseriesTest, RunningDayIsHoursUpToNow) {
  visit("ann", "2026-11-21 00:05:00", 2);
  visit("bob", "2026-11-21 00:59:59");
  visit("ann", "2026-11-21 11:00:00");
  visit("ann", "2026-11-20 00:30:00");
  visit("cid", "2026-11-20 20:00:00");
  const Timeseries answer = series("today");
  EXPECT_EQ(answer.interval, Interval::hour);
  ASSERT_EQ(answer.points.size(), 12U);
  EXPECT_THAT(values(answer), ElementsAre(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
  EXPECT_EQ(answer.points[0].t, "2026-11-20T23:00:00Z");
  EXPECT_EQ(answer.points[11].t_ms, at("2026-11-21 11:00:00"));
  EXPECT_THAT(answer.points[0].previous, Optional(DoubleEq(1)));
  EXPECT_THAT(answer.points[1].previous, Optional(DoubleEq(0)));
  EXPECT_TRUE(answer.last_partial);
  EXPECT_THAT(values(series("today", Metric::pageviews)),
              ElementsAre(3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
  EXPECT_THAT(values(series("today", Metric::sessions)),
              ElementsAre(2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1));
}

TEST_F(TimeseriesTest, HoursOfADayWithAChangeOfClocks) {
  EXPECT_EQ(series_of("2026-03-29", "2026-03-29", Metric::visitors).points.size(), 23U);
  const Timeseries longer = series_of("2026-10-25", "2026-10-25", Metric::visitors);
  EXPECT_EQ(longer.points.size(), 25U);
  EXPECT_EQ(longer.points.back().t, "2026-10-25T22:00:00Z");
  EXPECT_FALSE(longer.last_partial);
}

TEST_F(TimeseriesTest, DaysComeFromTheirRowsAndTheRunningOneFromTheFacts) {
  visit("ann", "2026-11-19 10:00:00", 3);
  visit("bob", "2026-11-20 23:59:59");
  visit("ann", "2026-11-21 00:00:00");
  sum_up("2026-11-19", "2026-11-21");
  visit("cid", "2026-11-21 09:00:00");   // not in the row yet
  add(Order{.visitor = "ann", .at_ms = at("2026-11-19 10:00:00"), .revenue_cents = 250});
  mark_pending("2026-11-19");
  const Timeseries answer = series("7d");
  EXPECT_EQ(answer.interval, Interval::day);
  EXPECT_THAT(values(answer), ElementsAre(0, 0, 0, 0, 1, 1, 2));
  EXPECT_EQ(answer.points[0].t, "2026-11-15");
  EXPECT_EQ(answer.points[0].t_ms, at("2026-11-15 00:00:00"));
  EXPECT_TRUE(answer.last_partial);
  EXPECT_THAT(values(series("7d", Metric::pageviews)), ElementsAre(0, 0, 0, 0, 3, 1, 2));
  EXPECT_THAT(values(series("7d", Metric::revenue)), ElementsAre(0, 0, 0, 0, 2.5, 0, 0));
}

TEST_F(TimeseriesTest, VisitorsOfWeeksAndMonthsAreDistinct) {
  visit("ann", "2026-09-07 10:00:00");   // a Monday
  visit("ann", "2026-09-10 10:00:00");
  visit("bob", "2026-09-13 23:00:00");   // the Sunday
  visit("ann", "2026-09-14 00:30:00");
  visit("ann", "2026-10-01 10:00:00");
  sum_up("2026-09-01", "2026-10-02");
  const Timeseries weeks = series_of("2026-09-09", "2026-09-22", Metric::visitors, Interval::week);
  EXPECT_THAT(values(weeks), ElementsAre(2, 1, 0));
  EXPECT_EQ(weeks.points[0].t, "2026-09-09");
  EXPECT_EQ(weeks.points[1].t, "2026-09-14");
  EXPECT_EQ(weeks.points[2].t, "2026-09-21");
  EXPECT_THAT(weeks.points[1].previous, Optional(DoubleEq(0)));   // 08-31..09-06
  EXPECT_THAT(weeks.points[2].previous, Optional(DoubleEq(1)));   // 09-07..09-08: Ann
  const Timeseries months =
      series_of("2026-09-01", "2026-10-31", Metric::visitors, Interval::month);
  EXPECT_THAT(values(months), ElementsAre(2, 1));
  EXPECT_THAT(values(series_of("2026-09-01", "2026-10-31", Metric::sessions, Interval::month)),
              ElementsAre(4, 1));
}

TEST_F(TimeseriesTest, IntervalFollowsTheLength) {
  EXPECT_EQ(series("24h").interval, Interval::hour);
  EXPECT_EQ(series("24h").points.size(), 24U);
  EXPECT_EQ(series("90d").interval, Interval::day);
  EXPECT_EQ(series("90d").points.size(), 90U);
  EXPECT_EQ(series("12mo").interval, Interval::month);
  EXPECT_EQ(series_of("2026-01-01", "2026-06-30", Metric::visitors).interval, Interval::week);
}

TEST_F(TimeseriesTest, MinutesOfADayAndTooManyOfThem) {
  visit("ann", "2026-11-20 10:00:30");
  const Timeseries minutes = series("yesterday", Metric::pageviews, Interval::minute);
  ASSERT_EQ(minutes.points.size(), 1440U);
  EXPECT_EQ(minutes.points[600].value, 1);
  const auto refused =
      timeseries(*session_, site_, range({.period = "90d"}),
                 Metric::visitors, Interval::minute);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::invalid_argument);
  EXPECT_EQ(refused.error().field(), "interval");
}

TEST_F(TimeseriesTest, DaysToComeHaveNoPoints) {
  EXPECT_EQ(series_of("2026-11-20", "2026-11-30", Metric::visitors).points.size(), 2U);
  EXPECT_TRUE(series_of("2026-12-01", "2026-12-05", Metric::visitors).points.empty());
}

TEST_F(TimeseriesTest, PointsOfOneRangeAddUpToItsTotals) {
  must(session_->begin());
  for (int i = 0; i < 60; ++i) {
    visit("v" + std::to_string(i % 7), i % 2 == 0 ? "2026-11-21 00:00:00" : "2026-11-18 23:59:59",
          1 + i % 4);
  }
  must(session_->commit());
  sum_up("2026-11-18", "2026-11-19");
  const Totals totals = must(overview(*session_, site_, range({.period = "7d"}))).totals;
  for (const Interval interval : {Interval::hour, Interval::day, Interval::week, Interval::month}) {
    const auto sum = [&](Metric metric) {
      const std::vector<double> all = values(series("7d", metric, interval));
      return std::accumulate(all.begin(), all.end(), 0.0);
    };
    EXPECT_EQ(sum(Metric::pageviews), totals.pageviews) << to_string(interval);
    EXPECT_EQ(sum(Metric::sessions), totals.sessions) << to_string(interval);
  }
}

TEST_F(TimeseriesTest, NamesAreReadAndWrongOnesRefused) {
  for (const Metric metric :
       {Metric::visitors, Metric::sessions, Metric::pageviews, Metric::events, Metric::revenue}) {
    EXPECT_EQ(must(parse_metric(to_string(metric))), metric);
  }
  EXPECT_EQ(must(parse_metric("")), Metric::visitors);
  EXPECT_EQ(must(parse_interval("")), Interval::automatic);
  for (const Interval interval : {Interval::automatic, Interval::minute, Interval::hour,
                                  Interval::day, Interval::week, Interval::month}) {
    EXPECT_EQ(must(parse_interval(to_string(interval))), interval);
  }
  EXPECT_EQ(parse_metric("money").error().field(), "metric");
  EXPECT_EQ(parse_interval("year").error().field(), "interval");
}

}  // namespace
}  // namespace attune::report
