// How much rates of like things differ: beta laws fitted to their counts by marginal likelihood.
// Source  Casella, "An introduction to empirical Bayes data analysis", American Statistician 39
// (1985); Yuan and others, "Dynamic hierarchical empirical Bayes" (arXiv 1809.02213); the prior of
// the strength: Gelman, "Prior distributions for variance parameters", Bayesian Analysis 1 (2006).
#pragma once

#include <array>
#include <span>

#include "experiment/distributions.h"

namespace attune::campaign::forecast {

/// successes in 0 .. n; need not be whole.
struct Trials {
  double n = 0;
  double successes = 0;
};

/// Logarithm of the beta-binomial likelihood, without the binomial coefficients.
double log_likelihood(std::span<const Trials> trials, experiment::BetaLaw law);

/// What the counts say of a strength a + b: weights, of sum 1, of strengths from 0.5 to 1e5, evenly
/// spaced in their logarithm.
struct StrengthLaw {
  static constexpr std::size_t kPoints = 41;
  std::array<double, kPoints> strengths{};
  std::array<double, kPoints> weights{};

  /// exp(mean of the logarithm).
  double centre() const;
  /// uniform in 0 .. 1.
  double draw(double uniform) const;
};

/// One strength for all, about a mean for each: how much things differ from what is expected of
/// them. Its prior is even in 1 / sqrt(strength), so that few things do not say that they are all
/// alike.
StrengthLaw fit_strength(std::span<const Trials> trials, std::span<const double> means);

/// Mean and strength of things that are all of one kind. The mean counts each by n / (n +
/// strength), so that one with many trials does not set it alone.
experiment::BetaLaw fit_beta(std::span<const Trials> trials);

}  // namespace attune::campaign::forecast
