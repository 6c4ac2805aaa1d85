// What we believe about a lift after the data, given what we believed before. Chance to beat and
// expected loss answer "what do I risk by shipping it now"; they do not bound the rate of false
// alarms when a test is stopped at its best day, as sequential.h does.
#pragma once

#include <optional>

#include "base/result.h"
#include "experiment/distributions.h"
#include "experiment/effect.h"

namespace attune::experiment {

/// What is believed about the effect before the data; a relative one is rescaled for absolute
/// effects.
struct NormalPrior {
  double mean = 0;
  double variance = 1;  // above 0
  Scale scale = Scale::relative;
};

struct ExpectedLoss {
  double of_keeping_control = 0;   // lift forgone by not shipping, on average; >= 0
  double of_shipping_treatment = 0;  // lift lost by shipping, on average; >= 0
};

struct Posterior {
  double mean = 0;
  double deviation = 0;
  Interval interval;           // central, 1 - alpha
  double chance_to_beat = 0;   // that the treatment is the better one
  ExpectedLoss loss;
};

struct BayesOptions {
  double alpha = 0.05;
  std::optional<NormalPrior> prior;  // none: flat
  bool lower_is_better = false;
};

/// Of a lift with law N(mean, deviation^2): E[max(lift, 0)] and E[max(-lift, 0)]. Beyond 37
/// deviations the tails are exactly 0.
///
/// deviation  above 0.
ExpectedLoss expected_loss(double mean, double deviation);

/// Precision 1 / SE^2 + 1 / tau^2, mean weighted by precision, chance to beat Phi(mean /
/// deviation).
///
/// Errors  invalid_argument: alpha, a prior without variance; failed_precondition: zero or negative
///         variance, a prior of the other scale beside a control mean of 0.
/// Source  GrowthBook, statistics (Bayesian); Gelman and others, Bayesian data analysis, section
///         2.5.
Result<Posterior> normal_posterior(const Effect& effect, const BayesOptions& options);

struct BetaArms {
  ProportionSums control;
  ProportionSums treatment;
  BetaLaw prior;  // uniform unless given
};

/// Posterior of two conversion rates. `mean`, `deviation` and losses are of the absolute difference
/// of rates; chance and losses are exact up to 100,000 successes an arm and a whole prior, and of
/// the normal law else, as the interval always is.
///
/// Errors  invalid_argument: successes outside 0 .. count, a prior not above 0, alpha.
/// Source  Evan Miller, Formulas for Bayesian A/B testing; Stucchio, Bayesian A/B testing at VWO
///         (2015).
Result<Posterior> beta_posterior(const BetaArms& arms, double alpha);

/// P(X > Y) for X and Y of two independent beta laws; the sum needs `better.a` whole.
double chance_above(const BetaLaw& better, const BetaLaw& other);

}  // namespace attune::experiment
