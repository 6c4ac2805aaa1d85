// Tests that may be looked at every day and stopped at any look: the chance to ever see a false
// alarm stays under alpha. The price is a wider interval than a test of fixed size has.
#pragma once

#include "base/result.h"
#include "experiment/effect.h"

namespace attune::experiment {

struct SequentialOptions {
  double alpha = 0.05;  // (0, 0.5)
  Alternative alternative = Alternative::two_sided;
  double tuned_count = 5000;  // units of both arms at which the interval is narrowest; above 0
};

/// Asymptotic confidence sequence of an effect, with N units and standard error SE:
/// half-width = SE sqrt(N) sqrt(2 (N rho^2 + 1) / (N rho)^2 ln(sqrt(N rho^2 + 1) / alpha)),
/// rho^2 = (-2 ln alpha + ln(-2 ln alpha + 1)) / tuned_count. The p value is 1 / E of the normal
/// mixture, at most 1. One-sided: rho of 2 alpha, ln(1 + sqrt(N rho^2 + 1) / (2 alpha)), and p by
/// bisection, held to [1e-5, 0.4999].
///
/// Valid asymptotically, at every look at once; keep the smallest p value seen so far.
/// Errors  invalid_argument: alpha outside (0, 0.5), tuned_count not above 0.
/// Source  Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, Time-uniform central limit theory and
///         asymptotic confidence sequences, arXiv 2103.06476v7, equations (9), (155), (161); as
///         GrowthBook has it.
Result<TestResult> confidence_sequence(const Effect& effect, const SequentialOptions& options);

/// Half-width of the two-sided sequence above in standard errors, for the planner.
///
/// count  units of both arms, above 0.
double sequential_z(double count, double alpha, double tuned_count);

struct UnitVariances {
  double control = 0;
  double treatment = 0;
};

/// mSPRT with the mixing variance of Zhao: tau = z^2 (var_t + var_c) / (N_t + N_c),
/// Z* = sqrt((V + tau) / tau (-2 ln(alpha / 2) - ln(V / (V + tau)))), interval d +- Z* sqrt(V),
/// p = 2 Phi(-|z| / s), s = Z* / z_{alpha / 2}. Two-sided, of an absolute effect.
///
/// Conservative beside -2 ln alpha of Johari and others (arXiv 1512.04922). The p value agrees with
/// the interval at this alpha only: it is 0.05 exactly when the 95 % interval touches 0.
/// Errors  invalid_argument: alpha; a relative effect, variances not above 0.
/// Source  Zhao, Chen, Liu, Safely and quickly deploying new features with a staged rollout
///         framework using sequential test and adaptive experimental design, arXiv 1905.10493.
Result<TestResult> msprt(const Effect& effect, const UnitVariances& variances, double alpha);

}  // namespace attune::experiment
