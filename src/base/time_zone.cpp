// A zone is turned once into a table of the periods in which its offset from UTC is constant,
// together with an index by time, so that a look-up is a division, a load and (rarely) a step.
#include "base/time_zone.h"

#include <date/tz.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/ensure.h"

namespace attune {

namespace {

constexpr std::int64_t kDayS = 86'400;
// The table covers 1900-01-01 .. 2200-01-01; before and after, the first and last offset hold. (The
// zone files of Debian 12 list transitions up to 2037 and repeat the last offset afterwards.)
constexpr std::int64_t kTableBeginS = -2'208'988'800;
constexpr std::int64_t kTableEndS = 7'258'118'400;
// 97 days: shorter than the time between two changes of a zone that keeps summer time, so a bucket
// seldom holds more than one.
constexpr int kBucketShift = 23;

// Offsets stay within 16 hours of UTC (the largest ever used is 15:13), so a day has not begun
// anywhere this long before its midnight in UTC.
constexpr std::int64_t kLargestOffsetS = 16 * 3600;

std::int64_t floor_div(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return quotient - (value % by < 0 ? 1 : 0);
}

}  // namespace

struct TimeZone::Table {
  struct Period {
    std::int64_t begin_s = std::numeric_limits<std::int64_t>::min();
    std::int64_t offset_s = 0;
    // The site day that had been reached when the period began; where clocks fall back over
    // midnight the calendar would return to the day before, the site day does not.
    std::int64_t day_reached = std::numeric_limits<std::int64_t>::min();
  };

  std::string name = "UTC";
  std::vector<Period> periods{Period{}};
  std::vector<std::uint32_t> buckets;   // of 2^kBucketShift seconds from kTableBeginS: first period

  std::size_t period_at(std::int64_t time_s) const {
    std::size_t at = 0;
    if (!buckets.empty() && time_s >= kTableBeginS) {
      const auto bucket = static_cast<std::size_t>((time_s - kTableBeginS) >> kBucketShift);
      at = buckets[std::min(bucket, buckets.size() - 1)];
    }
    while (at + 1 < periods.size() && periods[at + 1].begin_s <= time_s) ++at;
    return at;
  }

  std::int64_t day_at(std::int64_t time_s) const {
    const Period& period = periods[period_at(time_s)];
    return std::max(floor_div(time_s + period.offset_s, kDayS), period.day_reached);
  }

  // The first second of day `day`.
  std::int64_t day_begin(std::int64_t day) const {
    std::size_t at = period_at(day * kDayS - kLargestOffsetS);
    for (;; ++at) {
      const std::int64_t begin = day * kDayS - periods[at].offset_s;
      if (begin < periods[at].begin_s) return periods[at].begin_s;   // midnight was skipped
      if (at + 1 == periods.size() || begin < periods[at + 1].begin_s) return begin;
    }
  }

  void add_period(std::int64_t begin_s, std::int64_t offset_s) {
    if (!periods.empty() && periods.back().offset_s == offset_s) return;
    Period period{.begin_s = begin_s, .offset_s = offset_s};
    if (!periods.empty()) {
      const Period& before = periods.back();
      period.day_reached =
          std::max(floor_div(begin_s - 1 + before.offset_s, kDayS), before.day_reached);
    }
    periods.push_back(period);
  }

  void index_periods() {
    std::size_t at = 0;
    for (std::int64_t begin = kTableBeginS; begin < kTableEndS;
         begin += std::int64_t{1} << kBucketShift) {
      while (at + 1 < periods.size() && periods[at + 1].begin_s <= begin) ++at;
      buckets.push_back(static_cast<std::uint32_t>(at));
    }
  }
};

TimeZone::TimeZone() {
  static const auto utc = std::make_shared<const Table>();
  table_ = utc;
}

TimeZone::TimeZone(std::shared_ptr<const Table> table) : table_(std::move(table)) {}

Result<TimeZone> TimeZone::find(std::string_view iana_name) {
  if (iana_name == "UTC" || iana_name == "Etc/UTC") return TimeZone();
  try {
    date::get_tzdb();   // apart, to tell a missing database from a wrong name
  } catch (const std::exception& failure) {
    return fail(ErrorCode::unavailable, fmt::format("reading the time zones: {}", failure.what()));
  }
  auto table = std::make_shared<Table>();
  table->name = iana_name;
  table->periods.clear();
  try {
    const date::time_zone* zone = date::locate_zone(iana_name);
    for (std::int64_t at = kTableBeginS; at < kTableEndS;) {
      const date::sys_info info = zone->get_info(date::sys_seconds(std::chrono::seconds(at)));
      const bool first = table->periods.empty();
      table->add_period(first ? std::numeric_limits<std::int64_t>::min()
                              : std::int64_t{info.begin.time_since_epoch().count()},
                        info.offset.count());
      at = info.end.time_since_epoch().count();
    }
  } catch (const std::exception&) {
    return fail(ErrorCode::invalid_argument, fmt::format("no time zone '{}'", iana_name),
                "timezone");
  }
  table->index_periods();
  return TimeZone(std::move(table));
}

const std::string& TimeZone::name() const { return table_->name; }

std::int32_t TimeZone::day_of(std::int64_t time_ms) const {
  return static_cast<std::int32_t>(table_->day_at(floor_div(time_ms, 1000)));
}

TimeRange TimeZone::day_bounds(std::int32_t day) const { return days_bounds(day, day); }

TimeRange TimeZone::days_bounds(std::int32_t first, std::int32_t last) const {
  return {.begin_ms = table_->day_begin(first) * 1000,
          .end_ms = table_->day_begin(std::int64_t{last} + 1) * 1000};
}

std::int64_t TimeZone::offset_ms(std::int64_t time_ms) const {
  return table_->periods[table_->period_at(floor_div(time_ms, 1000))].offset_s * 1000;
}

CalendarDay calendar_of(std::int32_t day) {
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  return {.year = int(date.year()),
          .month = static_cast<int>(unsigned(date.month())),
          .day = static_cast<int>(unsigned(date.day()))};
}

std::int32_t day_from_calendar(CalendarDay calendar) {
  using namespace std::chrono;
  const year_month month = year_month(year(calendar.year), January) + months(calendar.month - 1);
  const sys_days first = month / day(1);
  return static_cast<std::int32_t>(first.time_since_epoch().count()) + calendar.day - 1;
}

int weekday_of(std::int32_t day) {
  const std::int32_t from_thursday = (day % 7 + 7) % 7;   // 1970-01-01 was a Thursday
  return (from_thursday + 3) % 7;
}

std::string day_text(std::int32_t day) {
  const CalendarDay calendar = calendar_of(day);
  return fmt::format("{:04}-{:02}-{:02}", calendar.year, calendar.month, calendar.day);
}

Result<std::int32_t> parse_day(std::string_view text) {
  const auto digits = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (const char c : text.substr(from, count)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const CalendarDay calendar{.year = digits(0, 4), .month = digits(5, 2), .day = digits(8, 2)};
    if (calendar.year >= 0 && calendar.month >= 1 && calendar.month <= 12 && calendar.day >= 1) {
      const std::int32_t day = day_from_calendar(calendar);
      if (calendar_of(day) == calendar) return day;
    }
  }
  return fail(ErrorCode::invalid_argument, "must be a date written YYYY-MM-DD");
}

std::string utc_text(std::int64_t time_ms) {
  const std::int64_t time_s = floor_div(time_ms, 1000);
  const std::int64_t day = floor_div(time_s, kDayS);
  const std::int64_t in_day = time_s - day * kDayS;
  const std::int64_t ms = time_ms - time_s * 1000;
  const std::string fraction = ms == 0 ? std::string() : fmt::format(".{:03}", ms);
  return fmt::format("{}T{:02}:{:02}:{:02}{}Z", day_text(static_cast<std::int32_t>(day)),
                     in_day / 3600, in_day / 60 % 60, in_day % 60, fraction);
}

}  // namespace attune
