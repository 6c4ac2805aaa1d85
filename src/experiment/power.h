// How many people a test needs, how small an effect it can find, and how likely it finds a given
// one: before a test (planner) and in its middle. Effects are relative unless a name says
// otherwise.
#pragma once

#include <optional>

#include "base/result.h"
#include "experiment/bayes.h"
#include "experiment/effect.h"

namespace attune::experiment {

/// What a planner knows of a metric and of a test's two arms of equal size.
struct Plan {
  double mean = 0;           // of the control, not 0
  double variance = 0;       // of one unit, above 0, alike in both arms
  double count_per_arm = 0;  // units, above 0
  double alpha = 0.05;       // two-sided
  /// With it the test is a confidence sequence tuned to so many units of both arms; see
  /// sequential.h.
  std::optional<double> tuned_count;
};

/// Phi(-z + d / SE) + Phi(-z - d / SE), SE^2 = (s2 / n) (1 / m^2 + (1 + d)^2 / m^2) by the delta
/// method. Sequential: SE is widened by the ratio of the sequence's z at 2 n units and z. That is
/// the power at the last look alone and approximate; looks before it can only add to it.
///
/// lift    as a share: 0.05.
/// Errors  invalid_argument: a plan outside its bounds.
/// Source  GrowthBook, statistics, power (technical).
Result<double> power(const Plan& plan, double lift);

/// The smallest positive lift found with this power: the positive root of d^2 = (z_a + z_b)^2 V(d);
/// the far tail, under 1e-5 of power here, is left out. Sequential: as power().
///
/// Errors  invalid_argument: a plan outside its bounds, power not between alpha and 1;
///         failed_precondition: too few units for any lift.
Result<double> minimum_detectable_lift(const Plan& plan, double target_power);

/// Power of "the credible interval leaves out 0" for a true lift, under a prior on the relative
/// lift.
///
/// Errors  invalid_argument: as power(), or a prior that is absolute or without variance.
Result<double> bayes_power(const Plan& plan, double lift, const NormalPrior& prior);
/// The smallest lift, in steps of 1e-5 up to 5, that reaches the power. Power need not rise with
/// the lift, because the variance does: the first crossing counts.
///
/// Errors  also failed_precondition: none up to a lift of 5.
Result<double> bayes_minimum_detectable_lift(const Plan& plan, double target_power,
                                             const NormalPrior& prior);

/// Units per arm for a relative lift at a power, rounded up: the fixed test in closed form, the
/// sequential one by bisection. Plan::count_per_arm is not read.
///
/// Errors  invalid_argument: a plan outside its bounds, a lift of 0; failed_precondition: over 1e12
///         units.
Result<double> count_per_arm_for(const Plan& plan, double lift, double target_power);

/// What is known while a test runs.
struct Progress {
  Effect effect;
  double target_lift = 0.01;  // on the effect's scale, not 0
  double target_power = 0.8;
  double alpha = 0.05;
  std::optional<double> tuned_count;
  std::optional<NormalPrior> prior;  // on the effect's scale
};

struct MoreData {
  double factor = 0;  // so many times the present units more; 0: enough already
  double power = 0;   // at that factor
};

/// How much more data gives the target power: the k with power at SE^2 / (1 + k). Uses the exact
/// width of the sequence at (1 + k) N units.
///
/// Errors  invalid_argument: alpha, power, lift, prior or tuned_count out of bounds;
///         failed_precondition: not even with 1e6 times the data.
/// Source  GrowthBook, mid-experiment power.
Result<MoreData> more_data_needed(const Progress& progress);
/// Power of a progress when its data are multiplied by 1 + factor.
double power_with_more(const Progress& progress, double factor);

/// A family of k goal metrics: alpha / k, and power^(1 / k) so that all are found with the given
/// power.
struct FamilyTarget {
  double alpha = 0.05;
  double power = 0.8;
};
FamilyTarget for_metrics(const FamilyTarget& target, int metrics);

struct AbsoluteGoal {
  double control_variance = 0;
  double treatment_variance = 0;
  double difference = 0;  // units of the metric, not 0
  double alpha = 0.05;
  double power = 0.8;
};

/// (z_{a/2} + z_b)^2 (v1 + v2) / d^2 units per arm, not rounded.
///
/// Errors  invalid_argument: a goal outside its bounds.
Result<double> count_per_arm_absolute(const AbsoluteGoal& goal);

/// Two arms with `first_count` and ratio * first_count units.
struct ArmSizes {
  double first = 0;
  double second = 0;
};

struct StandardizedTest {
  double effect = 0;  // Cohen's d or h
  ArmSizes sizes;
  double alpha = 0.05;
  Alternative alternative = Alternative::two_sided;
};

/// Power of a z test of Cohen's d or h.
double z_power(const StandardizedTest& test);
/// Power of the two-sample t test with equal variances, by the non-central t law.
double t_power(const StandardizedTest& test);

struct TwoRates {
  double first_rate = 0;
  double second_rate = 0;
  ArmSizes sizes;  // read by power only
  double alpha = 0.05;
};

/// Power of the pooled two-proportion z test: the null's variance at the mean rate, the
/// alternative's at both rates.
///
/// Errors  invalid_argument: rates outside (0, 1), sizes not above 0.
/// Source  Fleiss, Levin, Paik, Statistical methods for rates and proportions (2003).
Result<double> two_rates_power(const TwoRates& rates);
/// Units of the first arm for a power; the second has `ratio` times as many. Not rounded.
///
/// Errors  also invalid_argument: equal rates.
Result<double> two_rates_count(const TwoRates& rates, double target_power, double ratio);

struct ChiSquaredPlan {
  double cohen_w = 0;
  double count = 0;  // units of all arms
  double degrees_of_freedom = 1;
  double alpha = 0.05;
};

/// Power of a chi-squared test (an SRM check) by the non-central law with N w^2.
double chi_squared_power(const ChiSquaredPlan& plan);

}  // namespace attune::experiment
