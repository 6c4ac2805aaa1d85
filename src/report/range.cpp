#include "report/range.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "report/rows.h"

namespace attune::report {

namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;

Span span_of_days(const TimeZone& zone, std::int32_t first, std::int32_t last) {
  return {.first_day = first, .last_day = last, .instants = zone.days_bounds(first, last)};
}

// The current hour of the site's clock and the 23 before it.
Span span_of_last_day(const TimeZone& zone, std::int64_t now_ms) {
  const std::int64_t local = now_ms + zone.offset_ms(now_ms);
  const std::int64_t end = now_ms - (local % kHourMs + kHourMs) % kHourMs + kHourMs;
  return {.first_day = zone.day_of(end - kDayMs),
          .last_day = zone.day_of(end - 1),
          .instants = {.begin_ms = end - kDayMs, .end_ms = end},
          .whole_days = false};
}

std::int32_t a_year_before(std::int32_t day) {
  CalendarDay calendar = calendar_of(day);
  --calendar.year;
  return day_from_calendar(calendar);
}

Result<Span> span_of_dates(const TimeZone& zone, const RangeRequest& request) {
  auto first = parse_day(request.from);
  if (!first) return fail(ErrorCode::invalid_argument, first.error().message(), "from");
  auto last = parse_day(request.to);
  if (!last) return fail(ErrorCode::invalid_argument, last.error().message(), "to");
  if (*last < *first) return fail(ErrorCode::invalid_argument, "must not be before from", "to");
  if (*last - *first >= kRangeDaysMax) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("must be less than {} days after from", kRangeDaysMax), "to");
  }
  return span_of_days(zone, *first, *last);
}

Result<Span> span_of_everything(store::Session& session, const Site& site, std::int32_t today) {
  const Row parameters{site.id.text()};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("report/first_day", parameters));
  std::int32_t first = today;
  if (!std::holds_alternative<store::Null>(rows.rows.at(0)[0])) first = day(rows.rows[0][0]);
  first = std::clamp(first, today - kRangeDaysMax + 1, today);
  return span_of_days(site.zone, first, today);
}

Result<Span> span_of_period(store::Session& session, const Site& site, std::string_view period,
                            std::int64_t now_ms) {
  const std::int32_t today = site.zone.day_of(now_ms);
  if (period.empty() || period == "today") return span_of_days(site.zone, today, today);
  if (period == "yesterday") return span_of_days(site.zone, today - 1, today - 1);
  if (period == "24h") return span_of_last_day(site.zone, now_ms);
  if (period == "7d") return span_of_days(site.zone, today - 6, today);
  if (period == "30d") return span_of_days(site.zone, today - 29, today);
  if (period == "90d") return span_of_days(site.zone, today - 89, today);
  if (period == "12mo") return span_of_days(site.zone, a_year_before(today) + 1, today);
  if (period == "all") return span_of_everything(session, site, today);
  return fail(ErrorCode::invalid_argument,
              "must be one of today, yesterday, 24h, 7d, 30d, 90d, 12mo, all", "period");
}

Span span_before(const TimeZone& zone, const Span& span) {
  if (span.whole_days) {
    return span_of_days(zone, span.first_day - span.days(), span.first_day - 1);
  }
  const TimeRange instants{.begin_ms = span.instants.begin_ms - kDayMs,
                           .end_ms = span.instants.begin_ms};
  return {.first_day = zone.day_of(instants.begin_ms),
          .last_day = zone.day_of(instants.end_ms - 1),
          .instants = instants,
          .whole_days = false};
}

// The instant in `previous` that is as far on as now is in `span`: the same time of day as many
// days earlier. Where clocks changed in between, the same distance from that day's beginning.
std::int64_t same_age(const TimeZone& zone, const Span& span, const Span& previous,
                      std::int64_t now_ms) {
  if (!span.instants.contains(now_ms)) return previous.instants.end_ms;
  if (!span.whole_days) return now_ms - kDayMs;
  const std::int32_t today = zone.day_of(now_ms);
  const TimeRange then = zone.day_bounds(today - span.days());
  const std::int64_t into_day = now_ms - zone.day_bounds(today).begin_ms;
  return std::min(then.begin_ms + into_day, then.end_ms);
}

}  // namespace

Result<Range> resolve_range(store::Session& session, const Site& site, const RangeRequest& request,
                            std::int64_t now_ms) {
  const bool by_dates = !request.from.empty() || !request.to.empty();
  if (by_dates && !request.period.empty()) {
    return fail(ErrorCode::invalid_argument, "cannot be given together with from and to", "period");
  }
  const std::string_view compare = request.compare;
  if (!compare.empty() && compare != "previous" && compare != "none") {
    return fail(ErrorCode::invalid_argument, "must be previous or none", "compare");
  }
  Range range;
  range.today = site.zone.day_of(now_ms);
  range.now_ms = now_ms;
  if (by_dates) {
    ATTUNE_ASSIGN(range.span, span_of_dates(site.zone, request));
  } else {
    ATTUNE_ASSIGN(range.span, span_of_period(session, site, request.period, now_ms));
  }
  if (compare != "none" && request.period != "all") {
    range.previous = span_before(site.zone, range.span);
    range.previous_until_ms = same_age(site.zone, range.span, *range.previous, now_ms);
  }
  return range;
}

}  // namespace attune::report
