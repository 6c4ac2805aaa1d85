// How much better the treatment is than the control, with its standard error, and the tests of it
// that hold when the number of units was fixed beforehand. For looking every day: sequential.h.
#pragma once

#include <cstdint>
#include <span>

#include "base/result.h"
#include "experiment/moments.h"

namespace attune::experiment {

enum class Scale : std::uint8_t {
  absolute,  // treatment - control, in units of the metric
  relative,  // (treatment - control) / |control|; 0.05 is five percent up
};

enum class Alternative : std::uint8_t {
  two_sided,
  greater,  // treatment above control; the interval has no upper end
  less,     // treatment below control; the interval has no lower end
};

struct TestOptions {
  double alpha = 0.05;  // (0, 0.5)
  Alternative alternative = Alternative::two_sided;
};

/// A lift and how sure we are of it; of one scale.
struct Effect {
  double estimate = 0;
  double variance = 0;             // of the estimate
  double degrees_of_freedom = 0;   // Welch and Satterthwaite, on the absolute scale
  double count = 0;                // units of both arms
  double control_mean = 0;         // not adjusted
  Scale scale = Scale::relative;
  double control_unit_variance = 0;     // of one person, on the effect's scale; 0: not known
  double treatment_unit_variance = 0;

  double standard_error() const;
};

struct Interval {
  double low = 0;
  double high = 0;

  bool holds(double value) const { return value >= low && value <= high; }
};

struct TestResult {
  double estimate = 0;
  double standard_error = 0;
  Interval interval;  // 1 - alpha; an end may be infinite
  double p_value = 1;
};

/// difference / |control_mean|, so that a negative baseline keeps the sign of the change.
///
/// Errors  failed_precondition: the control mean is 0.
Result<double> relative_lift(double difference, double control_mean);

/// Difference of two arms. Absolute: V = sB^2 / nB + sA^2 / nA. Relative, by the delta method:
/// V = sB^2 / (nB mA^2) + sA^2 mB^2 / (nA mA^4).
///
/// Errors  failed_precondition: fewer than 2 units, zero or negative variance, a control mean of 0.
/// Source  GrowthBook, statistics; degrees of freedom of the absolute scale for both, as there.
Result<Effect> effect_of(const Moments& control, const Moments& treatment, Scale scale);

/// Covariance over variance before, over both arms together; 0 when nothing varied before.
///
/// Source  Deng, Xu, Kohavi, Walker, Improving the sensitivity of online controlled experiments
///         (CUPED), WSDM 2013.
double cuped_theta(const PairedMoments& both_arms);
/// The same for ratios, which are linear only around the ratio of their own arm: sum of the arms'
/// covariances over the sum of their variances, as GrowthBook has it.
double cuped_ratio_theta(std::span<const PairedMoments> arms);

struct CupedArms {
  PairedMoments control;
  PairedMoments treatment;
  double theta = 0;
};

/// Difference of the adjusted means; relative to the control mean that is not adjusted, and its
/// variance holds that the control is in both:
/// V = var_cv,B / (nB mA^2) + [sY,A^2 r^2 - 2 theta c_A r + theta^2 sX,A^2] / (nA mA^2), r = mB /
/// mA.
///
/// Errors  as effect_of.
Result<Effect> cuped_effect(const CupedArms& arms, Scale scale);
/// The same with r = 1 + difference / mA, the exact derivative; what GrowthBook does for ratios.
Result<Effect> cuped_ratio_effect(const CupedArms& arms, Scale scale);

/// Student t with Welch's degrees of freedom.
///
/// Errors  invalid_argument: alpha outside (0, 0.5).
Result<TestResult> t_test(const Effect& effect, const TestOptions& options);
/// The same with the normal law: for known variances and for the planner's checks.
Result<TestResult> z_test(const Effect& effect, const TestOptions& options);

/// Interval of treatment / control - 1 that does not need the control mean to be far from 0.
///
/// Errors  failed_precondition: the control mean is not distinguishable from 0 at this alpha, so
///         the interval is unbounded; invalid_argument: alpha outside (0, 0.5).
/// Source  Fieller, Some problems in interval estimation, JRSS B 16 (1954).
Result<Interval> fieller_interval(const Moments& control, const Moments& treatment, double alpha);

/// Errors  invalid_argument: outside (0, 0.5).
Result<void> check_alpha(double alpha);

struct GuardrailOptions {
  double alpha = 0.05;
  double margin = 0.01;          // worst change tolerated, above 0, on the effect's scale
  bool lower_is_better = false;  // error rates, latencies
};

enum class GuardrailState : std::uint8_t {
  safe,       // the change is shown to be better than the margin
  undecided,  // neither shown
  harmed,     // the change is shown to be worse than no change
};

struct GuardrailResult {
  GuardrailState state = GuardrailState::undecided;
  double p_value = 1;   // of "worse than the margin"
  double bound = 0;     // the one-sided bound on the harmful side, scale of the effect
};

/// Non-inferiority: is the harm, if any, shown to be under the margin? One-sided t test against
/// -margin.
///
/// Errors  invalid_argument: alpha or a margin not above 0.
/// Source  Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987), one of the two
///         sides.
Result<GuardrailResult> guardrail(const Effect& effect, const GuardrailOptions& options);

}  // namespace attune::experiment
