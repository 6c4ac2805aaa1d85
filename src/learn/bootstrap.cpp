#include "learn/bootstrap.h"

#include <algorithm>
#include <cstddef>

namespace attune::learn {

Interval percentile_interval(std::vector<double> means) {
  if (means.empty()) return {};
  std::ranges::sort(means);
  const auto at = [&](double share) {
    const double position = share * static_cast<double>(means.size() - 1);
    const auto below = static_cast<std::size_t>(position);
    const std::size_t above = std::min(below + 1, means.size() - 1);
    const double part = position - static_cast<double>(below);
    return means[below] * (1 - part) + means[above] * part;
  };
  return {.low = at(0.025), .high = at(0.975)};
}

}  // namespace attune::learn
