// The weight functions that session models share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "learn/model_params.h"

namespace attune::learn {

inline constexpr double kDayMs = 86'400'000.0;

/// steps    1, 2, ... back from the newest item.
/// Returns  a weight in 0 .. 1 (logarithmic: up to 2.3, as published).
inline double step_weight(StepDecay decay, std::size_t steps) {
  const auto s = static_cast<double>(steps);
  switch (decay) {
    case StepDecay::linear:
      return std::max(0.0, 1 - 0.1 * s);
    case StepDecay::reciprocal:
      return 1 / s;
    case StepDecay::quadratic:
      return 1 / (s * s);
    case StepDecay::logarithmic:
      return 1 / std::log10(s + 1.7);
    case StepDecay::flat:
      return 1;
  }
  return 1;
}

/// exp(-age / scale_days), or 1 when the scale is 0 (off).
inline double recency_weight(std::int64_t age_ms, double scale_days) {
  return scale_days > 0 ? std::exp(-static_cast<double>(age_ms) / (scale_days * kDayMs)) : 1;
}

}  // namespace attune::learn
