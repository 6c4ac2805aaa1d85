#include "campaign/forecast/beta_fit.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace attune::campaign::forecast {
namespace {

constexpr double kStrengthMin = 0.5;
constexpr double kStrengthMax = 1e5;
constexpr int kRounds = 5;   // of mean and strength, in turn

experiment::BetaLaw law_of(double mean, double strength) {
  const double inside = std::clamp(mean, 1e-9, 1 - 1e-9);
  return {inside * strength, (1 - inside) * strength};
}

}  // namespace

double log_likelihood(std::span<const Trials> trials, experiment::BetaLaw law) {
  double sum = 0;
  const double none = experiment::log_beta(law);
  for (const Trials& each : trials) {
    if (each.n <= 0) continue;
    sum += experiment::log_beta({law.a + each.successes, law.b + each.n - each.successes}) - none;
  }
  return sum;
}

double StrengthLaw::centre() const {
  double sum = 0;
  for (std::size_t i = 0; i < kPoints; ++i) sum += weights[i] * std::log(strengths[i]);
  return std::exp(sum);
}

double StrengthLaw::draw(double uniform) const {
  for (std::size_t i = 0; i + 1 < kPoints; ++i) {
    if (uniform < weights[i]) return strengths[i];
    uniform -= weights[i];
  }
  return strengths[kPoints - 1];
}

StrengthLaw fit_strength(std::span<const Trials> trials, std::span<const double> means) {
  StrengthLaw law;
  const double step = std::log(kStrengthMax / kStrengthMin) / (StrengthLaw::kPoints - 1);
  double best = -1e300;
  for (std::size_t point = 0; point < StrengthLaw::kPoints; ++point) {
    const double strength = kStrengthMin * std::exp(step * static_cast<double>(point));
    // Even in 1 / sqrt(strength) is strength^(-1/2) on the logarithm's scale.
    double sum = -0.5 * std::log(strength);
    for (std::size_t i = 0; i < trials.size(); ++i) {
      sum += log_likelihood(trials.subspan(i, 1), law_of(means[i], strength));
    }
    law.strengths[point] = strength;
    law.weights[point] = sum;
    best = std::max(best, sum);
  }
  double total = 0;
  for (double& weight : law.weights) total += weight = std::exp(weight - best);
  for (double& weight : law.weights) weight /= total;
  return law;
}

experiment::BetaLaw fit_beta(std::span<const Trials> trials) {
  double n = 0;
  double successes = 0;
  for (const Trials& each : trials) {
    n += each.n;
    successes += each.successes;
  }
  double mean = (successes + 0.5) / (n + 1);
  double strength = 1;
  for (int round = 0; round < kRounds; ++round) {
    const std::vector<double> means(trials.size(), mean);
    strength = fit_strength(trials, means).centre();
    // Half a success and half a failure, at the weight of one trial.
    double weights = 1 / (1 + strength);
    double rates = 0.5 * weights;
    for (const Trials& each : trials) {
      if (each.n <= 0) continue;
      const double weight = each.n / (each.n + strength);
      weights += weight;
      rates += weight * each.successes / each.n;
    }
    mean = rates / weights;
  }
  return law_of(mean, strength);
}

}  // namespace attune::campaign::forecast
