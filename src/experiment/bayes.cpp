#include "experiment/bayes.h"

#include <algorithm>
#include <cmath>

namespace attune::experiment {
namespace {

constexpr double kCertainDeviations = 37;
constexpr double kExactSuccessesMax = 1e5;

Result<NormalPrior> on_scale_of(const Effect& effect, NormalPrior prior) {
  if (!(prior.variance > 0) || !std::isfinite(prior.mean)) {
    return fail(ErrorCode::invalid_argument, "the prior needs a finite mean and a variance above 0",
                "prior");
  }
  if (prior.scale == effect.scale) return prior;
  const double base = std::abs(effect.control_mean);
  if (base == 0) return fail(ErrorCode::failed_precondition, "the control mean is 0");
  const double factor = effect.scale == Scale::absolute ? base : 1 / base;
  return NormalPrior{prior.mean * factor, prior.variance * factor * factor, effect.scale};
}

Posterior posterior_of(double mean, double deviation, double alpha) {
  const double reach = normal_quantile(1 - alpha / 2) * deviation;
  return {mean, deviation, {mean - reach, mean + reach}, normal_cdf(mean / deviation),
          expected_loss(mean, deviation)};
}

Result<BetaLaw> beta_of(const ProportionSums& arm, const BetaLaw& prior) {
  if (!(arm.successes >= 0 && arm.successes <= arm.count) || !std::isfinite(arm.count)) {
    return fail(ErrorCode::invalid_argument, "successes must be between 0 and the units",
                "successes");
  }
  if (!(prior.a > 0) || !(prior.b > 0)) {
    return fail(ErrorCode::invalid_argument, "both parts of the prior must be above 0", "prior");
  }
  return BetaLaw{prior.a + arm.successes, prior.b + arm.count - arm.successes};
}

BetaLaw with_success(const BetaLaw& law) { return {law.a + 1, law.b}; }

bool sums_exactly(const BetaLaw& law) {
  return law.a == std::floor(law.a) && law.a <= kExactSuccessesMax;
}

}  // namespace

ExpectedLoss expected_loss(double mean, double deviation) {
  const double z = mean / deviation;
  if (std::abs(z) > kCertainDeviations) return {std::max(mean, 0.0), std::max(-mean, 0.0)};
  const double density = deviation * normal_density(z);
  return {mean * normal_cdf(z) + density, -mean * normal_cdf(-z) + density};
}

Result<Posterior> normal_posterior(const Effect& effect, const BayesOptions& options) {
  ATTUNE_TRY(check_alpha(options.alpha));
  if (!(effect.variance > 0)) {
    return fail(ErrorCode::failed_precondition, "zero or negative variance");
  }
  double precision = 1 / effect.variance;
  double weighted = effect.estimate / effect.variance;
  if (options.prior) {
    ATTUNE_ASSIGN(const NormalPrior prior, on_scale_of(effect, *options.prior));
    precision += 1 / prior.variance;
    weighted += prior.mean / prior.variance;
  }
  Posterior posterior = posterior_of(weighted / precision, std::sqrt(1 / precision), options.alpha);
  if (options.lower_is_better) {
    posterior.chance_to_beat = normal_cdf(-posterior.mean / posterior.deviation);
    std::swap(posterior.loss.of_keeping_control, posterior.loss.of_shipping_treatment);
  }
  return posterior;
}

double chance_above(const BetaLaw& better, const BetaLaw& other) {
  double chance = 0;
  const double base = log_beta(other);
  for (double i = 0; i < better.a; ++i) {
    chance += std::exp(log_beta({other.a + i, better.b + other.b}) - std::log(better.b + i) -
                       log_beta({1 + i, better.b}) - base);
  }
  return std::clamp(chance, 0.0, 1.0);
}

Result<Posterior> beta_posterior(const BetaArms& arms, double alpha) {
  ATTUNE_TRY(check_alpha(alpha));
  ATTUNE_ASSIGN(const BetaLaw control, beta_of(arms.control, arms.prior));
  ATTUNE_ASSIGN(const BetaLaw treatment, beta_of(arms.treatment, arms.prior));
  Posterior posterior = posterior_of(treatment.mean() - control.mean(),
                                     std::sqrt(control.variance() + treatment.variance()), alpha);
  if (!sums_exactly(treatment) || !sums_exactly(control)) return posterior;
  posterior.chance_to_beat = chance_above(treatment, control);
  // E[(A - B)+] = E[A] P(A' > B) - E[B] P(A > B'), where ' has one success more.
  const double control_wins_with = 1 - chance_above(treatment, with_success(control));
  const double control_wins_against = 1 - chance_above(with_success(treatment), control);
  const double loss =
      control.mean() * control_wins_with - treatment.mean() * control_wins_against;
  posterior.loss.of_shipping_treatment = std::max(0.0, loss);
  posterior.loss.of_keeping_control = std::max(0.0, posterior.mean + loss);
  return posterior;
}

}  // namespace attune::experiment
