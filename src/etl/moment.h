// Event order: by time, and by journal position among equal times. Everything a session says about
// its first, last or next event is a minimum or maximum in this order, so the order of arrival
// cannot matter.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace attune::etl {

struct Moment {
  std::int64_t ms = 0;
  std::uint64_t position = 0;
  auto operator<=>(const Moment&) const = default;
};

/// Nobody is believed to read a page for longer. The view pageviews has the same number.
inline constexpr std::int64_t kTimeOnPageMsMax = 30 * 60'000;

/// Whole seconds from a page to what came after it: never negative.
inline std::int32_t seconds_on_page(std::int64_t view_ms, std::int64_t after_ms) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(after_ms - view_ms, 0, kTimeOnPageMsMax) / 1000);
}

}  // namespace attune::etl
