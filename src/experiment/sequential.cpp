#include "experiment/sequential.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLowestP = 1e-5;
constexpr double kHighestOneSidedP = 0.4999;
constexpr int kBisections = 60;

double rho_squared(double alpha, double tuned_count) {
  const double log_term = -2 * std::log(alpha);
  return (log_term + std::log(log_term + 1)) / tuned_count;
}

/// In standard errors; `spread` is N rho^2.
double two_sided_z(double spread, double alpha) {
  return std::sqrt(2 * (spread + 1) / spread * std::log(std::sqrt(spread + 1) / alpha));
}

double one_sided_z(double spread, double alpha) {
  return std::sqrt(2 * (spread + 1) / spread *
                   std::log1p(std::sqrt(spread + 1) / (2 * alpha)));
}

double two_sided_p(double z, double spread) {
  const double log_evidence = spread * z * z / (2 * (spread + 1)) - 0.5 * std::log(spread + 1);
  return std::min(1.0, std::exp(-log_evidence));
}

/// The alpha at which the one-sided bound touches 0, with rho held; z is positive where the data
/// favour the alternative.
double one_sided_p(double z, double spread) {
  if (z < one_sided_z(spread, kHighestOneSidedP)) return kHighestOneSidedP;
  if (z > one_sided_z(spread, kLowestP)) return kLowestP;
  double low = kLowestP;
  double high = kHighestOneSidedP;
  for (int step = 0; step < kBisections; ++step) {
    const double middle = (low + high) / 2;
    (one_sided_z(spread, middle) > z ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double sequential_z(double count, double alpha, double tuned_count) {
  return two_sided_z(count * rho_squared(alpha, tuned_count), alpha);
}

Result<TestResult> confidence_sequence(const Effect& effect, const SequentialOptions& options) {
  ATTUNE_TRY(check_alpha(options.alpha));
  if (!(options.tuned_count > 0)) {
    return fail(ErrorCode::invalid_argument, "the tuned count must be above 0", "tuned_count");
  }
  const double error = effect.standard_error();
  const double z = effect.estimate / error;
  TestResult result{effect.estimate, error, {-kInfinity, kInfinity}, 1};
  if (options.alternative == Alternative::two_sided) {
    const double spread = effect.count * rho_squared(options.alpha, options.tuned_count);
    const double reach = error * two_sided_z(spread, options.alpha);
    result.interval = {effect.estimate - reach, effect.estimate + reach};
    result.p_value = two_sided_p(z, spread);
    return result;
  }
  const double spread = effect.count * rho_squared(2 * options.alpha, options.tuned_count);
  const double reach = error * one_sided_z(spread, options.alpha);
  if (options.alternative == Alternative::greater) {
    result.interval.low = effect.estimate - reach;
    result.p_value = one_sided_p(z, spread);
  } else {
    result.interval.high = effect.estimate + reach;
    result.p_value = one_sided_p(-z, spread);
  }
  return result;
}

Result<TestResult> msprt(const Effect& effect, const UnitVariances& variances, double alpha) {
  ATTUNE_TRY(check_alpha(alpha));
  if (effect.scale != Scale::absolute) {
    return fail(ErrorCode::invalid_argument, "mSPRT tests absolute differences", "scale");
  }
  if (!(variances.control > 0) || !(variances.treatment > 0)) {
    return fail(ErrorCode::invalid_argument, "the variances must be above 0", "variances");
  }
  const double z_fixed = normal_quantile(1 - alpha / 2);
  const double tau =
      z_fixed * z_fixed * (variances.control + variances.treatment) / effect.count;
  const double v = effect.variance;
  const double z_star =
      std::sqrt((v + tau) / tau * (-2 * std::log(alpha / 2) - std::log(v / (v + tau))));
  const double error = effect.standard_error();
  const double reach = z_star * error;
  const double scaled = effect.estimate / error / (z_star / z_fixed);
  return TestResult{effect.estimate, error, {effect.estimate - reach, effect.estimate + reach},
                    2 * normal_tail(std::abs(scaled))};
}

}  // namespace attune::experiment
