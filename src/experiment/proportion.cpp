#include "experiment/proportion.h"

#include <algorithm>
#include <cmath>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

Result<void> check_arm(const ProportionSums& arm) {
  if (!(arm.count > 0) || !std::isfinite(arm.count)) {
    return fail(ErrorCode::invalid_argument, "an arm without units", "count");
  }
  if (!(arm.successes >= 0 && arm.successes <= arm.count)) {
    return fail(ErrorCode::invalid_argument, "successes must be between 0 and the units",
                "successes");
  }
  return {};
}

Result<void> check(const ProportionSums& arm, double alpha) {
  ATTUNE_TRY(check_alpha(alpha));
  return check_arm(arm);
}

Result<void> check(const ProportionPair& pair, double alpha) {
  ATTUNE_TRY(check(pair.first, alpha));
  return check_arm(pair.second);
}

double rate_of(const ProportionSums& arm) { return arm.successes / arm.count; }

double mean_variance(const ProportionSums& arm) {
  const double rate = rate_of(arm);
  return rate * (1 - rate) / arm.count;
}

double z_of(double alpha) { return normal_quantile(1 - alpha / 2); }

Interval around(double middle, double reach) { return {middle - reach, middle + reach}; }

Interval exponential(double log_middle, double log_reach) {
  return {std::exp(log_middle - log_reach), std::exp(log_middle + log_reach)};
}

tl::unexpected<Error> nothing_varies() {
  return fail(ErrorCode::failed_precondition, "nobody or everybody did it: there is no variance");
}

Result<ChiSquaredTest> against_rate(std::span<const ProportionSums> arms, double rate,
                                    double degrees) {
  if (!(rate > 0 && rate < 1)) return nothing_varies();
  double statistic = 0;
  for (const ProportionSums& arm : arms) {
    const double distance = arm.successes - arm.count * rate;
    statistic += distance * distance / (arm.count * rate * (1 - rate));
  }
  return ChiSquaredTest{statistic, degrees, chi_squared_tail(statistic, degrees)};
}

}  // namespace

Result<Interval> wilson_interval(const ProportionSums& arm, double alpha) {
  ATTUNE_TRY(check(arm, alpha));
  const double z = z_of(alpha);
  const double n = arm.count;
  const double rate = rate_of(arm);
  const double scale = 1 + z * z / n;
  const double middle = (rate + z * z / (2 * n)) / scale;
  const double reach = z * std::sqrt(rate * (1 - rate) / n + z * z / (4 * n * n)) / scale;
  // At 0 and n the ends are exact; rounding must not put the rate outside.
  return Interval{arm.successes == 0 ? 0 : std::max(0.0, middle - reach),
                  arm.successes == n ? 1 : std::min(1.0, middle + reach)};
}

Result<Interval> clopper_pearson_interval(const ProportionSums& arm, double alpha) {
  ATTUNE_TRY(check(arm, alpha));
  const double x = arm.successes;
  const double failures = arm.count - x;
  return Interval{x == 0 ? 0 : beta_quantile(alpha / 2, {x, failures + 1}),
                  failures == 0 ? 1 : beta_quantile(1 - alpha / 2, {x + 1, failures})};
}

Result<Interval> jeffreys_interval(const ProportionSums& arm, double alpha) {
  ATTUNE_TRY(check(arm, alpha));
  const BetaLaw law{arm.successes + 0.5, arm.count - arm.successes + 0.5};
  return Interval{arm.successes == 0 ? 0 : beta_quantile(alpha / 2, law),
                  arm.successes == arm.count ? 1 : beta_quantile(1 - alpha / 2, law)};
}

Result<Interval> newcombe_interval(const ProportionPair& pair, double alpha) {
  ATTUNE_TRY(check(pair, alpha));
  ATTUNE_ASSIGN(const Interval first, wilson_interval(pair.first, alpha));
  ATTUNE_ASSIGN(const Interval second, wilson_interval(pair.second, alpha));
  const double p1 = rate_of(pair.first);
  const double p2 = rate_of(pair.second);
  return Interval{p1 - p2 - std::hypot(p1 - first.low, second.high - p2),
                  p1 - p2 + std::hypot(first.high - p1, p2 - second.low)};
}

Result<Interval> wald_interval(const ProportionPair& pair, double alpha) {
  ATTUNE_TRY(check(pair, alpha));
  const double error = std::sqrt(mean_variance(pair.first) + mean_variance(pair.second));
  return around(rate_of(pair.first) - rate_of(pair.second), z_of(alpha) * error);
}

Result<Interval> agresti_caffo_interval(const ProportionPair& pair, double alpha) {
  ATTUNE_TRY(check(pair, alpha));
  const auto with_two = [](const ProportionSums& arm) {
    return ProportionSums{arm.count + 2, arm.successes + 1};
  };
  return wald_interval({with_two(pair.first), with_two(pair.second)}, alpha);
}

Result<Interval> risk_ratio_interval(const ProportionPair& pair, double alpha) {
  ATTUNE_TRY(check(pair, alpha));
  const ProportionSums& a = pair.first;
  const ProportionSums& b = pair.second;
  if (a.successes == 0 || b.successes == 0) {
    return fail(ErrorCode::failed_precondition, "an arm without successes has no ratio");
  }
  const double variance = 1 / a.successes - 1 / a.count + 1 / b.successes - 1 / b.count;
  return exponential(std::log(rate_of(a) / rate_of(b)), z_of(alpha) * std::sqrt(variance));
}

Result<Interval> odds_ratio_interval(const ProportionPair& pair, double alpha) {
  ATTUNE_TRY(check(pair, alpha));
  const double a = pair.first.successes;
  const double b = pair.first.count - a;
  const double c = pair.second.successes;
  const double d = pair.second.count - c;
  if (a == 0 || b == 0 || c == 0 || d == 0) {
    return fail(ErrorCode::failed_precondition, "nobody or everybody of an arm did it");
  }
  return exponential(std::log(a * d / (b * c)),
                     z_of(alpha) * std::sqrt(1 / a + 1 / b + 1 / c + 1 / d));
}

Result<ZTest> two_proportion_test(const ProportionPair& pair) {
  ATTUNE_TRY(check_arm(pair.first));
  ATTUNE_TRY(check_arm(pair.second));
  const double n1 = pair.first.count;
  const double n2 = pair.second.count;
  const double pooled = (pair.first.successes + pair.second.successes) / (n1 + n2);
  const double variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2);
  if (!(variance > 0)) return nothing_varies();
  const double z = (rate_of(pair.first) - rate_of(pair.second)) / std::sqrt(variance);
  return ZTest{z, 2 * normal_tail(std::abs(z))};
}

Result<ZTest> one_proportion_test(const ProportionSums& arm, double value) {
  ATTUNE_TRY(check_arm(arm));
  const double variance = mean_variance(arm);
  if (!(variance > 0)) return nothing_varies();
  const double z = (rate_of(arm) - value) / std::sqrt(variance);
  return ZTest{z, 2 * normal_tail(std::abs(z))};
}

Result<ChiSquaredTest> equal_proportions_test(std::span<const ProportionSums> arms) {
  if (arms.size() < 2) return fail(ErrorCode::invalid_argument, "fewer than 2 arms", "arms");
  ProportionSums all;
  for (const ProportionSums& arm : arms) {
    ATTUNE_TRY(check_arm(arm));
    all += arm;
  }
  return against_rate(arms, rate_of(all), static_cast<double>(arms.size()) - 1);
}

Result<ChiSquaredTest> given_proportion_test(std::span<const ProportionSums> arms, double value) {
  if (arms.empty()) return fail(ErrorCode::invalid_argument, "no arms", "arms");
  for (const ProportionSums& arm : arms) ATTUNE_TRY(check_arm(arm));
  return against_rate(arms, value, static_cast<double>(arms.size()));
}

Result<std::vector<double>> pairwise_p_values(std::span<const ProportionSums> arms) {
  std::vector<double> values;
  for (std::size_t i = 0; i < arms.size(); ++i) {
    for (std::size_t j = i + 1; j < arms.size(); ++j) {
      ATTUNE_ASSIGN(const ZTest test, two_proportion_test({arms[i], arms[j]}));
      values.push_back(test.p_value);
    }
  }
  return values;
}

double cohen_h(double first_rate, double second_rate) {
  return 2 * std::asin(std::sqrt(first_rate)) - 2 * std::asin(std::sqrt(second_rate));
}

double cohen_d(const Moments& first, const Moments& second) {
  const double pooled =
      ((first.count - 1) * first.variance + (second.count - 1) * second.variance) /
      (first.count + second.count - 2);
  return (first.mean - second.mean) / std::sqrt(pooled);
}

}  // namespace attune::experiment
