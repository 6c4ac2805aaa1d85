// Who comes when. Arrivals of a minute depend on the seed and that minute alone, so that a restart
// neither repeats nor changes what has been, and the past can be made after the fact.
#pragma once

#include <cstdint>
#include <vector>

namespace attune::shop {

struct Arrival {
  std::int64_t start_ms = 0;
  std::uint64_t visitor = 0;
};

/// How busy the shop is at that time compared with its mean: by hour of a Central European day and
/// by day of the week; between 0.1 and 2.5, mean near 1.
double rhythm(std::int64_t at_ms);

/// minute      since 1970.
/// mean        visits expected in it.
/// population  visitors are numbered 0 .. population - 1; a fifth of them make half of the visits.
std::vector<Arrival> arrivals(std::uint64_t seed, std::int64_t minute, double mean,
                              std::uint32_t population);

}  // namespace attune::shop
