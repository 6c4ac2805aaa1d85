// How sure a mean is: percentile bootstrap.
#pragma once

#include <cstdint>
#include <vector>

namespace attune::learn {

struct Interval {
  double low = 0;
  double high = 0;
};

struct BootstrapOptions {
  std::uint32_t resamples = 2000;  // 0: no intervals
  std::uint64_t seed = 1;
};

/// The middle 95 % of resampled means, interpolated; 0 and 0 of none.
Interval percentile_interval(std::vector<double> means);

}  // namespace attune::learn
