// Months of the UTC calendar, by their first instant.
#pragma once

#include <chrono>
#include <cstdint>

namespace attune::etl {

namespace detail {
inline std::chrono::year_month month_of(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(ms)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  return day.year() / day.month();
}
inline std::int64_t first_ms(std::chrono::year_month month) {
  const std::chrono::sys_days day{month / std::chrono::day(1)};
  return std::chrono::sys_time<std::chrono::milliseconds>(day).time_since_epoch().count();
}
}  // namespace detail

/// The first instant of the month that `ms` lies in, or of one so many months later.
inline std::int64_t month_begin_ms(std::int64_t ms, int months_later = 0) {
  return detail::first_ms(detail::month_of(ms) + std::chrono::months(months_later));
}

/// Days since 1970-01-01 of an instant.
inline std::int32_t day_of(std::int64_t ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds(ms)};
  return static_cast<std::int32_t>(
      std::chrono::floor<std::chrono::days>(at).time_since_epoch().count());
}

}  // namespace attune::etl
