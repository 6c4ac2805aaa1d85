#include "shop/schedule.h"

#include <algorithm>
#include <array>

#include "shop/random.h"

namespace attune::shop {
namespace {

constexpr std::uint64_t kScheduleStream = 5;
constexpr std::int64_t kMinuteMs = 60'000;

// A shop's day: quiet at night, a hump at lunch, most in the evening. Mean 1.
constexpr std::array<double, 24> kHours = {0.39, 0.24, 0.16, 0.13, 0.13, 0.19, 0.39, 0.66,
                                           0.94, 1.10, 1.21, 1.28, 1.38, 1.33, 1.21, 1.21,
                                           1.28, 1.38, 1.54, 1.82, 1.99, 1.88, 1.38, 0.78};
// From Thursday, which 1970-01-01 was.
constexpr std::array<double, 7> kWeekdays = {0.92, 0.95, 1.10, 1.27, 0.96, 0.90, 0.90};

}  // namespace

double rhythm(std::int64_t at_ms) {
  const std::int64_t local_min = at_ms / kMinuteMs + 60;
  const auto hour = static_cast<std::size_t>(local_min / 60 % 24);
  const double past_hour = static_cast<double>(local_min % 60) / 60;
  const double level = kHours[hour] + (kHours[(hour + 1) % 24] - kHours[hour]) * past_hour;
  return level * kWeekdays[static_cast<std::size_t>(local_min / 1440 % 7)];
}

std::vector<Arrival> arrivals(std::uint64_t seed, std::int64_t minute, double mean,
                              std::uint32_t population) {
  Random random(seed, kScheduleStream, static_cast<std::uint64_t>(minute));
  std::vector<Arrival> coming(random.poisson(mean));
  const std::uint32_t regulars = std::max<std::uint32_t>(1, population / 5);
  for (Arrival& arrival : coming) {
    arrival.start_ms = minute * kMinuteMs + static_cast<std::int64_t>(random.uniform() * kMinuteMs);
    arrival.visitor = random.below(random.chance(0.4) ? regulars : population);
  }
  std::sort(coming.begin(), coming.end(),
            [](const Arrival& a, const Arrival& b) { return a.start_ms < b.start_ms; });
  return coming;
}

}  // namespace attune::shop
