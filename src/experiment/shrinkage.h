// The winner's curse: a lift that was reported because it was large is, on average, larger than the
// truth. Two answers: shrink towards what lifts are like here, or correct for the selection itself.
#pragma once

#include <span>

#include "base/result.h"
#include "experiment/bayes.h"
#include "experiment/effect.h"

namespace attune::experiment {

/// What lifts were like in finished tests: mean and variance of the true ones, by the method of
/// moments (tau^2 = (Q - (k - 1)) / (sum w - sum w^2 / sum w), not below 0).
///
/// effects  all finished tests of one metric, won or not: leaving out the losers brings the curse
///          back.
/// Errors   failed_precondition: fewer than 3 tests; invalid_argument: a variance not above 0.
/// Source   DerSimonian, Laird, Controlled Clinical Trials 7 (1986).
Result<NormalPrior> fitted_prior(std::span<const Effect> effects);

struct ShrunkEffect {
  double estimate = 0;
  Interval interval;  // 1 - alpha
  double kept = 1;    // share of the observed lift that is left, relative to the prior mean
};

/// Posterior mean under the fitted prior: w d + (1 - w) m, w = tau^2 / (tau^2 + SE^2). A prior
/// variance of 0 gives the prior mean.
///
/// Errors  invalid_argument: alpha; a variance not above 0, a prior variance below 0.
/// Source  Efron, Tweedie's formula and selection bias, JASA 106 (2011).
Result<ShrunkEffect> shrunk(const Effect& effect, const NormalPrior& prior, double alpha);

/// For an effect that is reported only when |z| > z_{alpha/2}: the median-unbiased estimate and its
/// interval given that it was. Needs no history.
///
/// Errors  invalid_argument: alpha; failed_precondition: not significant, so nothing was selected.
/// Source  Zhong, Prentice, Biostatistics 9 (2008); Ghosh, Zou, Wright, AJHG 82 (2008).
Result<ShrunkEffect> corrected_for_selection(const Effect& effect, double alpha);

}  // namespace attune::experiment
