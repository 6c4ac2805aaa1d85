// Days of a site's time zone, in one place. Everything that says "day" (daily_site_metrics, report
// ranges, tests) goes through here, so that they agree on the days when clocks change.
//
// A site day is the half-open range of instants [start of day D, start of day D+1). The start of a
// day is the first instant whose local date is D; where clocks skip midnight that is the instant of
// the jump, where they fall back over midnight the repeated hour belongs to the later day. So days
// are contiguous, in order, and may be 23, 24, 25 or (Samoa, 2011-12-30) 0 hours long.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attune {

/// [begin_ms, end_ms) in milliseconds since 1970-01-01 UTC.
struct TimeRange {
  std::int64_t begin_ms = 0;
  std::int64_t end_ms = 0;
  bool operator==(const TimeRange&) const = default;
  bool contains(std::int64_t time_ms) const { return begin_ms <= time_ms && time_ms < end_ms; }
};

/// A year, month and day of the Gregorian calendar.
struct CalendarDay {
  int year = 1970;
  int month = 1;   // 1..12
  int day = 1;     // 1..31
  bool operator==(const CalendarDay&) const = default;
};

/// An IANA time zone. A value: copies share the table of transitions.
class TimeZone {
 public:
  /// UTC, which needs no database of zones.
  TimeZone();

  /// Errors   invalid_argument: no such zone; unavailable: the system has no zone database.
  /// Cost     reads the system's zone database once per process and zone, then builds a table:
  ///          keep the value, do not call it per event.
  /// Threads  any.
  [[nodiscard]] static Result<TimeZone> find(std::string_view iana_name);

  const std::string& name() const;

  /// The site day an instant belongs to, in days since 1970-01-01. About 5 ns.
  std::int32_t day_of(std::int64_t time_ms) const;

  /// The instants of a day.
  TimeRange day_bounds(std::int32_t day) const;

  /// The instants of the days first..last, both included.
  TimeRange days_bounds(std::int32_t first, std::int32_t last) const;

  /// Local time minus UTC at an instant, in milliseconds.
  std::int64_t offset_ms(std::int64_t time_ms) const;

  struct Table;   // transitions; defined in the .cpp

 private:
  explicit TimeZone(std::shared_ptr<const Table> table);
  std::shared_ptr<const Table> table_;
};

CalendarDay calendar_of(std::int32_t day);
/// `day` may be out of its month's range and carries over: {2026, 3, 0} is the last of February.
std::int32_t day_from_calendar(CalendarDay calendar);
/// 0 Monday .. 6 Sunday.
int weekday_of(std::int32_t day);

/// "2026-11-21". Years 0..9999.
std::string day_text(std::int32_t day);
/// Errors  invalid_argument: not a real date written YYYY-MM-DD.
[[nodiscard]] Result<std::int32_t> parse_day(std::string_view text);

/// "2026-11-21T10:15:00Z", with ".123" before the Z when the instant is not a whole second.
std::string utc_text(std::int64_t time_ms);

}  // namespace attune
