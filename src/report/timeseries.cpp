#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "report/report.h"
#include "report/rows.h"
#include "report/totals.h"

namespace attune::report {

namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::array kMetrics{Metric::visitors, Metric::sessions, Metric::pageviews, Metric::events,
                              Metric::revenue};
constexpr std::array kIntervals{Interval::minute, Interval::hour, Interval::day, Interval::week,
                                Interval::month};

Interval choose(const Span& span) {
  if (span.days() <= 2) return Interval::hour;
  if (span.days() <= 92) return Interval::day;
  if (span.days() <= 210) return Interval::week;
  return Interval::month;
}

tl::unexpected<Error> too_many_points() {
  return fail(ErrorCode::invalid_argument,
              fmt::format("would make more than {} points; take a longer interval", kPointsMax),
              "interval");
}

// ---- minutes and hours: equal steps from the beginning of the span ----

// Values of the steps of `instants`; steps without rows are 0.
Result<std::vector<double>> step_values(store::Session& session, const Site& site,
                                        TimeRange instants, Metric metric, std::int64_t step_ms) {
  const std::int64_t length_ms = instants.end_ms - instants.begin_ms;
  std::vector<double> values(static_cast<std::size_t>((length_ms + step_ms - 1) / step_ms));
  const Row asked = parameters(site, instants, {static_cast<double>(step_ms) / 1000});
  ATTUNE_ASSIGN(const store::Rows rows,
                session.query(fmt::format("report/series_{}", to_string(metric)), asked));
  for (const Row& row : rows.rows) {
    const auto bucket = static_cast<std::size_t>(integer(row[0]));
    ensure(bucket < values.size(), "a bucket outside of its range");
    values[bucket] = number(row[1]);
  }
  return values;
}

Result<Timeseries> by_steps(store::Session& session, const Site& site, const Range& range,
                            Timeseries series) {
  const std::int64_t step_ms = series.interval == Interval::minute ? kMinuteMs : 60 * kMinuteMs;
  const TimeRange instants = range.span.instants;
  if ((instants.end_ms - instants.begin_ms) / step_ms > static_cast<std::int64_t>(kPointsMax)) {
    return too_many_points();
  }
  ATTUNE_ASSIGN(const std::vector<double> values,
                step_values(session, site, instants, series.metric, step_ms));
  std::vector<double> before;
  if (range.previous) {
    ATTUNE_ASSIGN(before,
                  step_values(session, site, range.previous->instants, series.metric, step_ms));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t begin = instants.begin_ms + static_cast<std::int64_t>(i) * step_ms;
    if (begin > range.now_ms) break;
    Point point{.t = utc_text(begin), .t_ms = begin, .value = values[i]};
    if (i < before.size()) point.previous = before[i];
    series.points.push_back(std::move(point));
    series.last_partial = range.now_ms < begin + step_ms;
  }
  return series;
}

// ---- days, weeks, months: runs of site days ----

// How many days, from `first` on, are in its bucket.
std::int32_t bucket_days(std::int32_t first, Interval interval) {
  if (interval == Interval::day) return 1;
  if (interval == Interval::week) return 7 - weekday_of(first);
  const CalendarDay calendar = calendar_of(first);
  return day_from_calendar({calendar.year, calendar.month + 1, 1}) - first;
}

double daily_value(const DayNumbers& numbers, Metric metric) {
  switch (metric) {
    case Metric::visitors: return static_cast<double>(numbers.visitors);
    case Metric::sessions: return static_cast<double>(numbers.sessions);
    case Metric::pageviews: return static_cast<double>(numbers.pageviews);
    case Metric::events: return static_cast<double>(numbers.events);
    case Metric::revenue: return numbers.revenue;
  }
  return 0;
}

// Fills in the days that are not final, from the tables.
Result<void> count_open_days(store::Session& session, const Site& site, Metric metric,
                             std::vector<DayNumbers>& days) {
  for (DayNumbers& numbers : days) {
    if (numbers.final) continue;
    const TimeRange instants = site.zone.day_bounds(numbers.day);
    if (metric == Metric::visitors || metric == Metric::sessions) {
      ATTUNE_ASSIGN(const VisitNumbers visits, count_visits(session, site, instants));
      numbers.visitors = visits.visitors;
      numbers.sessions = visits.sessions;
    } else {
      ATTUNE_ASSIGN(const EventNumbers events, count_events(session, site, instants));
      numbers.pageviews = events.pageviews;
      numbers.events = events.events;
      numbers.revenue = events.revenue;
    }
  }
  return {};
}

struct DayReader {
  store::Session& session;
  const Site& site;
  Metric metric;
  std::vector<DayNumbers> days;   // filled in

  // The value of the days at..at + count of `days`. Only visitors do not add up.
  Result<double> value(std::size_t at, std::size_t count) const {
    if (metric == Metric::visitors && count > 1) {
      ATTUNE_ASSIGN(const std::int64_t visitors, count_visitors(session, site, &days[at], count));
      return static_cast<double>(visitors);
    }
    double sum = 0;
    for (std::size_t i = at; i < at + count; ++i) sum += daily_value(days[i], metric);
    return sum;
  }
};

Result<DayReader> read_span(store::Session& session, const Site& site, const Span& span,
                            std::int32_t today, Metric metric) {
  ATTUNE_ASSIGN(std::vector<DayNumbers> days,
                read_days(session, site, span.first_day, span.last_day, today));
  // Days to come have nothing to count.
  for (DayNumbers& numbers : days) numbers.final = numbers.final || numbers.day > today;
  ATTUNE_TRY(count_open_days(session, site, metric, days));
  return DayReader{session, site, metric, std::move(days)};
}

Result<Timeseries> by_days(store::Session& session, const Site& site, const Range& range,
                           Timeseries series) {
  const Span& span = range.span;
  ATTUNE_ASSIGN(const DayReader current,
                read_span(session, site, span, range.today, series.metric));
  std::optional<DayReader> before;
  if (range.previous) {
    ATTUNE_ASSIGN(DayReader reader,
                  read_span(session, site, *range.previous, range.today, series.metric));
    before.emplace(std::move(reader));
  }
  for (std::int32_t first = span.first_day; first <= std::min(span.last_day, range.today);) {
    const std::int32_t days =
        std::min(bucket_days(first, series.interval), span.last_day - first + 1);
    const auto at = static_cast<std::size_t>(first - span.first_day);
    const auto count = static_cast<std::size_t>(days);
    Point point{.t = day_text(first), .t_ms = site.zone.day_bounds(first).begin_ms};
    ATTUNE_ASSIGN(point.value, current.value(at, count));
    if (before && at + count <= before->days.size()) {
      ATTUNE_ASSIGN(point.previous, before->value(at, count));
    }
    series.points.push_back(std::move(point));
    series.last_partial = first + days > range.today;
    first += days;
    if (series.points.size() > kPointsMax) return too_many_points();
  }
  return series;
}

}  // namespace

std::string_view to_string(Metric metric) {
  switch (metric) {
    case Metric::visitors: return "visitors";
    case Metric::sessions: return "sessions";
    case Metric::pageviews: return "pageviews";
    case Metric::events: return "events";
    case Metric::revenue: return "revenue";
  }
  return "visitors";
}

std::string_view to_string(Interval interval) {
  switch (interval) {
    case Interval::automatic: return "auto";
    case Interval::minute: return "minute";
    case Interval::hour: return "hour";
    case Interval::day: return "day";
    case Interval::week: return "week";
    case Interval::month: return "month";
  }
  return "auto";
}

Result<Metric> parse_metric(std::string_view text) {
  if (text.empty()) return Metric::visitors;
  const auto* found =
      std::ranges::find(kMetrics, text, [](Metric each) { return to_string(each); });
  if (found != kMetrics.end()) return *found;
  return fail(ErrorCode::invalid_argument,
              "must be one of visitors, sessions, pageviews, events, revenue", "metric");
}

Result<Interval> parse_interval(std::string_view text) {
  if (text.empty() || text == "auto") return Interval::automatic;
  const auto* found =
      std::ranges::find(kIntervals, text, [](Interval each) { return to_string(each); });
  if (found != kIntervals.end()) return *found;
  return fail(ErrorCode::invalid_argument, "must be one of auto, minute, hour, day, week, month",
              "interval");
}

Result<Timeseries> timeseries(store::Session& session, const Site& site, const Range& range,
                              Metric metric, Interval interval) {
  Timeseries series{.metric = metric, .interval = interval, .points = {}};
  if (interval == Interval::automatic) series.interval = choose(range.span);
  ATTUNE_ASSIGN(const Snapshot snapshot, Snapshot::take(session));
  if (series.interval == Interval::minute || series.interval == Interval::hour) {
    return by_steps(session, site, range, std::move(series));
  }
  return by_days(session, site, range, std::move(series));
}

}  // namespace attune::report
