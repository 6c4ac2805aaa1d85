#include "experiment/power.h"

#include <algorithm>
#include <cmath>

#include "experiment/distributions.h"
#include "experiment/sequential.h"

namespace attune::experiment {
namespace {

constexpr double kFactorMax = 1e6;
constexpr double kCountMax = 1e12;
constexpr double kLiftMax = 5;
constexpr double kCoarseStep = 1e-3;
constexpr double kFineStep = 1e-5;
constexpr int kBisections = 100;

tl::unexpected<Error> invalid(const char* rule, const char* field) {
  return fail(ErrorCode::invalid_argument, rule, field);
}

double z_of(double alpha) { return normal_quantile(1 - alpha / 2); }

Result<void> check(const Plan& plan) {
  ATTUNE_TRY(check_alpha(plan.alpha));
  if (plan.mean == 0 || !std::isfinite(plan.mean)) return invalid("the mean must not be 0", "mean");
  if (!(plan.variance > 0)) return invalid("the variance must be above 0", "variance");
  if (!(plan.count_per_arm > 0)) return invalid("the count must be above 0", "count_per_arm");
  if (plan.tuned_count && !(*plan.tuned_count > 0)) {
    return invalid("the tuned count must be above 0", "tuned_count");
  }
  return {};
}

Result<void> check_power(double target, double alpha) {
  if (target > alpha && target < 1) return {};
  return invalid("the power must be between alpha and 1", "power");
}

/// How much wider than the fixed test the plan's test is.
double widening(const Plan& plan) {
  if (!plan.tuned_count) return 1;
  return sequential_z(2 * plan.count_per_arm, plan.alpha, *plan.tuned_count) / z_of(plan.alpha);
}

double lift_variance(const Plan& plan, double lift) {
  const double share = plan.variance / plan.count_per_arm / (plan.mean * plan.mean);
  return share * (1 + (1 + lift) * (1 + lift));
}

/// Both tails of a normal statistic with standard deviation 1 and mean `shift`.
double two_tails(double z, double shift) { return normal_cdf(shift - z) + normal_cdf(-z - shift); }

double planned_power(const Plan& plan, double lift) {
  const double error = std::sqrt(lift_variance(plan, lift)) * widening(plan);
  return two_tails(z_of(plan.alpha), lift / error);
}

struct BelievedTest {
  double lift = 0;
  double variance = 0;  // of the estimate
  double alpha = 0.05;
};

/// P(|posterior mean| > z posterior deviation) over estimates around the true lift.
double posterior_power(const BelievedTest& test, const NormalPrior& prior) {
  const double precision = 1 / test.variance + 1 / prior.variance;
  const double weight = 1 / test.variance / precision;
  const double mean = weight * test.lift + (1 - weight) * prior.mean;
  const double spread = weight * std::sqrt(test.variance);
  return two_tails(z_of(test.alpha) / std::sqrt(precision) / spread, mean / spread);
}

Result<void> check_prior(const NormalPrior& prior) {
  if (prior.scale == Scale::relative && prior.variance > 0) return {};
  return invalid("the prior must be relative, with a variance above 0", "prior");
}

double planned_bayes_power(const Plan& plan, double lift, const NormalPrior& prior) {
  return posterior_power({lift, lift_variance(plan, lift), plan.alpha}, prior);
}

double standard_shift(const StandardizedTest& test) {
  const double n1 = test.sizes.first;
  const double n2 = test.sizes.second;
  return test.effect * std::sqrt(n1 * n2 / (n1 + n2));
}

Result<void> check_rates(const TwoRates& rates) {
  ATTUNE_TRY(check_alpha(rates.alpha));
  const auto inside = [](double rate) { return rate > 0 && rate < 1; };
  if (inside(rates.first_rate) && inside(rates.second_rate)) return {};
  return invalid("a rate must be between 0 and 1", "rate");
}

struct RateErrors {
  double null = 0;         // standard deviations, for one unit in the first arm
  double alternative = 0;
};

RateErrors rate_errors(const TwoRates& rates, double ratio) {
  const double p1 = rates.first_rate;
  const double p2 = rates.second_rate;
  const double pooled = (p1 + ratio * p2) / (1 + ratio);
  return {std::sqrt(pooled * (1 - pooled) * (1 + 1 / ratio)),
          std::sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)};
}

}  // namespace

Result<double> power(const Plan& plan, double lift) {
  ATTUNE_TRY(check(plan));
  return planned_power(plan, lift);
}

Result<double> minimum_detectable_lift(const Plan& plan, double target_power) {
  ATTUNE_TRY(check(plan));
  ATTUNE_TRY(check_power(target_power, plan.alpha));
  const double z = (z_of(plan.alpha) + normal_quantile(target_power)) * widening(plan);
  // d^2 = c (1 + (1 + d)^2), a quadratic in 1 + d.
  const double c = z * z * plan.variance / plan.count_per_arm / (plan.mean * plan.mean);
  if (c >= 1) return fail(ErrorCode::failed_precondition, "too few units for any lift");
  return (1 + std::sqrt(1 - (1 - c) * (1 - c))) / (1 - c) - 1;
}

Result<double> bayes_power(const Plan& plan, double lift, const NormalPrior& prior) {
  ATTUNE_TRY(check(plan));
  ATTUNE_TRY(check_prior(prior));
  return planned_bayes_power(plan, lift, prior);
}

Result<double> bayes_minimum_detectable_lift(const Plan& plan, double target_power,
                                             const NormalPrior& prior) {
  ATTUNE_TRY(check(plan));
  ATTUNE_TRY(check_power(target_power, plan.alpha));
  ATTUNE_TRY(check_prior(prior));
  const auto found = [&](double lift) {
    return planned_bayes_power(plan, lift, prior) >= target_power;
  };
  if (found(0)) return 0.0;
  for (int step = 1; step * kCoarseStep <= kLiftMax; ++step) {
    double high = step * kCoarseStep;
    if (!found(high)) continue;
    double low = high - kCoarseStep;
    for (int i = 0; i < kBisections; ++i) {
      const double middle = (low + high) / 2;
      (found(middle) ? high : low) = middle;
    }
    return std::ceil(high / kFineStep) * kFineStep;
  }
  return fail(ErrorCode::failed_precondition, "no lift up to 500 % reaches the power");
}

Result<double> count_per_arm_for(const Plan& plan, double lift, double target_power) {
  Plan tried = plan;
  tried.count_per_arm = 1;
  ATTUNE_TRY(check(tried));
  ATTUNE_TRY(check_power(target_power, plan.alpha));
  if (lift == 0 || !std::isfinite(lift)) return invalid("the lift must not be 0", "lift");
  if (!plan.tuned_count) {
    const double z = z_of(plan.alpha) + normal_quantile(target_power);
    return std::ceil(z * z * lift_variance(tried, lift) / (lift * lift));
  }
  double low = 1;
  double high = 2;
  const auto enough = [&](double count) {
    tried.count_per_arm = count;
    return planned_power(tried, lift) >= target_power;
  };
  while (!enough(high)) {
    low = high;
    high *= 2;
    if (high > kCountMax) return fail(ErrorCode::failed_precondition, "over 1e12 units needed");
  }
  while (high - low > 0.5) {
    const double middle = (low + high) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return std::ceil(high);
}

double power_with_more(const Progress& progress, double factor) {
  const double variance = progress.effect.variance / (1 + factor);
  if (progress.prior) {
    return posterior_power({progress.target_lift, variance, progress.alpha}, *progress.prior);
  }
  const double z = progress.tuned_count
                       ? sequential_z(progress.effect.count * (1 + factor), progress.alpha,
                                      *progress.tuned_count)
                       : z_of(progress.alpha);
  return two_tails(z, progress.target_lift / std::sqrt(variance));
}

Result<MoreData> more_data_needed(const Progress& progress) {
  ATTUNE_TRY(check_alpha(progress.alpha));
  ATTUNE_TRY(check_power(progress.target_power, progress.alpha));
  if (progress.target_lift == 0) return invalid("the lift must not be 0", "target_lift");
  if (progress.tuned_count && !(*progress.tuned_count > 0)) {
    return invalid("the tuned count must be above 0", "tuned_count");
  }
  if (progress.prior && !(progress.prior->variance > 0)) {
    return invalid("the prior needs a variance above 0", "prior");
  }
  if (!(progress.effect.variance > 0)) {
    return fail(ErrorCode::failed_precondition, "zero or negative variance");
  }
  const auto enough = [&](double factor) {
    return power_with_more(progress, factor) >= progress.target_power;
  };
  double low = 0;
  double high = 1;
  if (enough(0)) return MoreData{0, power_with_more(progress, 0)};
  while (!enough(high)) {
    low = high;
    high *= 2;
    if (high > kFactorMax) {
      return fail(ErrorCode::failed_precondition, "not even with a million times the data");
    }
  }
  for (int i = 0; i < kBisections; ++i) {
    const double middle = (low + high) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return MoreData{high, power_with_more(progress, high)};
}

FamilyTarget for_metrics(const FamilyTarget& target, int metrics) {
  const double k = std::max(1, metrics);
  return {target.alpha / k, std::pow(target.power, 1 / k)};
}

Result<double> count_per_arm_absolute(const AbsoluteGoal& goal) {
  ATTUNE_TRY(check_alpha(goal.alpha));
  ATTUNE_TRY(check_power(goal.power, goal.alpha));
  const double variance = goal.control_variance + goal.treatment_variance;
  if (!(variance > 0)) return invalid("the variance must be above 0", "variance");
  if (goal.difference == 0) return invalid("the difference must not be 0", "difference");
  const double z = z_of(goal.alpha) + normal_quantile(goal.power);
  return z * z * variance / (goal.difference * goal.difference);
}

double z_power(const StandardizedTest& test) {
  const double shift = standard_shift(test);
  switch (test.alternative) {
    case Alternative::two_sided: return two_tails(z_of(test.alpha), shift);
    case Alternative::greater: return normal_cdf(shift - normal_quantile(1 - test.alpha));
    case Alternative::less: return normal_cdf(-shift - normal_quantile(1 - test.alpha));
  }
  return 0;
}

double t_power(const StandardizedTest& test) {
  const double degrees = test.sizes.first + test.sizes.second - 2;
  const NoncentralStudent law{degrees, standard_shift(test)};
  const NoncentralStudent mirrored{degrees, -law.noncentrality};
  const bool two_sided = test.alternative == Alternative::two_sided;
  const double t = student_quantile(1 - (two_sided ? test.alpha / 2 : test.alpha), degrees);
  double power = 0;
  if (test.alternative != Alternative::less) power += noncentral_student_cdf(-t, mirrored);
  if (test.alternative != Alternative::greater) power += noncentral_student_cdf(-t, law);
  return power;
}

Result<double> two_rates_power(const TwoRates& rates) {
  ATTUNE_TRY(check_rates(rates));
  if (!(rates.sizes.first > 0) || !(rates.sizes.second > 0)) {
    return invalid("the sizes must be above 0", "sizes");
  }
  const RateErrors errors = rate_errors(rates, rates.sizes.second / rates.sizes.first);
  const double shift = std::abs(rates.first_rate - rates.second_rate) *
                       std::sqrt(rates.sizes.first) / errors.alternative;
  return two_tails(z_of(rates.alpha) * errors.null / errors.alternative, shift);
}

Result<double> two_rates_count(const TwoRates& rates, double target_power, double ratio) {
  ATTUNE_TRY(check_rates(rates));
  ATTUNE_TRY(check_power(target_power, rates.alpha));
  if (rates.first_rate == rates.second_rate) return invalid("the rates must differ", "rate");
  if (!(ratio > 0)) return invalid("the ratio must be above 0", "ratio");
  const RateErrors errors = rate_errors(rates, ratio);
  const double reach = z_of(rates.alpha) * errors.null +
                       normal_quantile(target_power) * errors.alternative;
  return std::pow(reach / (rates.first_rate - rates.second_rate), 2);
}

double chi_squared_power(const ChiSquaredPlan& plan) {
  const double limit = chi_squared_quantile(1 - plan.alpha, plan.degrees_of_freedom);
  return noncentral_chi_squared_tail(
      limit, {plan.degrees_of_freedom, plan.count * plan.cohen_w * plan.cohen_w});
}

}  // namespace attune::experiment
