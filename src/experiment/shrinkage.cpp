#include "experiment/shrinkage.h"

#include <algorithm>
#include <cmath>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

constexpr std::size_t kTestsMin = 3;
constexpr int kBisections = 100;
/// The true z of a selected effect is looked for so far around the one seen.
constexpr double kReach = 40;

/// P(Z <= seen given |Z| > limit) for Z ~ N(center, 1), seen > limit; falls as the center rises.
double selected_cdf(double seen, double limit, double center) {
  const double upper = normal_tail(limit - center);
  const double lower = normal_cdf(-limit - center);
  // By tails from the right: 1 - P(Z > seen) / P(selected).
  return 1 - normal_tail(seen - center) / (upper + lower);
}

/// The center at which what was seen lies at this probability.
double center_at(double probability, double seen, double limit) {
  double low = seen - kReach;
  double high = seen + kReach;
  for (int step = 0; step < kBisections; ++step) {
    const double middle = (low + high) / 2;
    const double at = selected_cdf(seen, limit, middle);
    (at > probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

Result<NormalPrior> fitted_prior(std::span<const Effect> effects) {
  if (effects.size() < kTestsMin) {
    return fail(ErrorCode::failed_precondition, "fewer than 3 finished tests");
  }
  double weights = 0;
  double squares = 0;
  double weighted = 0;
  for (const Effect& effect : effects) {
    if (!(effect.variance > 0)) {
      return fail(ErrorCode::invalid_argument, "a variance must be above 0", "effects");
    }
    const double weight = 1 / effect.variance;
    weights += weight;
    squares += weight * weight;
    weighted += weight * effect.estimate;
  }
  const double pooled = weighted / weights;
  double statistic = 0;
  for (const Effect& effect : effects) {
    statistic += std::pow(effect.estimate - pooled, 2) / effect.variance;
  }
  const double degrees = static_cast<double>(effects.size()) - 1;
  const double between = std::max(0.0, (statistic - degrees) / (weights - squares / weights));
  double mean = 0;
  double total = 0;
  for (const Effect& effect : effects) {
    const double weight = 1 / (effect.variance + between);
    mean += weight * effect.estimate;
    total += weight;
  }
  return NormalPrior{mean / total, between, effects.front().scale};
}

Result<ShrunkEffect> shrunk(const Effect& effect, const NormalPrior& prior, double alpha) {
  ATTUNE_TRY(check_alpha(alpha));
  if (!(effect.variance > 0) || !(prior.variance >= 0)) {
    return fail(ErrorCode::invalid_argument, "a variance must be above 0", "variance");
  }
  const double kept = prior.variance / (prior.variance + effect.variance);
  const double mean = kept * effect.estimate + (1 - kept) * prior.mean;
  const double reach = normal_quantile(1 - alpha / 2) * std::sqrt(kept * effect.variance);
  return ShrunkEffect{mean, {mean - reach, mean + reach}, kept};
}

Result<ShrunkEffect> corrected_for_selection(const Effect& effect, double alpha) {
  ATTUNE_TRY(check_alpha(alpha));
  const double error = effect.standard_error();
  const double z = effect.estimate / error;
  const double limit = normal_quantile(1 - alpha / 2);
  if (!(std::abs(z) > limit)) {
    return fail(ErrorCode::failed_precondition, "the effect is not significant");
  }
  const double sign = z > 0 ? 1 : -1;
  const double seen = std::abs(z);
  const double median = center_at(0.5, seen, limit);
  const double low = center_at(1 - alpha / 2, seen, limit);
  const double high = center_at(alpha / 2, seen, limit);
  const Interval interval = sign > 0 ? Interval{low * error, high * error}
                                     : Interval{-high * error, -low * error};
  return ShrunkEffect{sign * median * error, interval, median / seen};
}

}  // namespace attune::experiment
