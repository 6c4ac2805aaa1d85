// Conversion rates: intervals that hold with few units, tests of two and of many rates.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "experiment/effect.h"
#include "experiment/moments.h"

namespace attune::experiment {

/// Score interval of one rate; what the product shows for a rate.
///
/// Errors  all four below: invalid_argument: no units, successes outside 0 .. count, alpha.
/// Source  Wilson, JASA 22 (1927); Brown, Cai, DasGupta, Statistical Science 16 (2001).
Result<Interval> wilson_interval(const ProportionSums& arm, double alpha);
/// Holds at least 1 - alpha for every rate, at the price of width. Source: Clopper, Pearson,
/// Biometrika 26.
Result<Interval> clopper_pearson_interval(const ProportionSums& arm, double alpha);
/// Quantiles of Beta(x + 1/2, n - x + 1/2). Source: Brown, Cai, DasGupta 2001.
Result<Interval> jeffreys_interval(const ProportionSums& arm, double alpha);

/// Two arms; differences are first - second.
struct ProportionPair {
  ProportionSums first;
  ProportionSums second;
};

/// Difference of two rates by their Wilson intervals: never outside -1 .. 1, holds with 0
/// successes.
///
/// Errors  all five below: as wilson_interval.
/// Source  Newcombe, Statistics in Medicine 17 (1998), method 10.
Result<Interval> newcombe_interval(const ProportionPair& pair, double alpha);
/// Difference +- z standard errors; poor with few successes.
Result<Interval> wald_interval(const ProportionPair& pair, double alpha);
/// Wald after one success and one failure are added to each arm. Source: Agresti, Caffo, American
/// Statistician 54 (2000).
Result<Interval> agresti_caffo_interval(const ProportionPair& pair, double alpha);
/// Ratio of the rates by its logarithm (Katz). Errors also failed_precondition: an arm without
/// successes.
Result<Interval> risk_ratio_interval(const ProportionPair& pair, double alpha);
/// Odds ratio by its logarithm (Woolf). Errors also failed_precondition: a cell of 0.
Result<Interval> odds_ratio_interval(const ProportionPair& pair, double alpha);

struct ZTest {
  double z = 0;
  double p_value = 1;  // two-sided
};

/// z = (p1 - p2) / sqrt(p (1 - p) (1 / n1 + 1 / n2)), p over both arms; its square is Pearson's chi
/// squared without continuity correction.
///
/// Errors  invalid_argument: as above; failed_precondition: nobody or everybody in both arms.
Result<ZTest> two_proportion_test(const ProportionPair& pair);

/// Is the rate `value`? With the variance of the rate seen, not of `value`, as statsmodels.
///
/// Errors  invalid_argument; failed_precondition: nobody or everybody.
Result<ZTest> one_proportion_test(const ProportionSums& arm, double value);

struct ChiSquaredTest {
  double statistic = 0;
  double degrees_of_freedom = 0;
  double p_value = 1;
};

/// Do all arms have one rate? Degrees of freedom: arms - 1.
///
/// Errors  invalid_argument: fewer than 2 arms or as above; failed_precondition: nobody or
///         everybody.
Result<ChiSquaredTest> equal_proportions_test(std::span<const ProportionSums> arms);
/// Do all arms have the rate `value`? Degrees of freedom: arms.
Result<ChiSquaredTest> given_proportion_test(std::span<const ProportionSums> arms, double value);

/// Every two arms: (0, 1), (0, 2), .. (1, 2), ..; p values as two_proportion_test, not corrected.
Result<std::vector<double>> pairwise_p_values(std::span<const ProportionSums> arms);

/// Two rates in [0, 1] as a size of effect: 2 asin sqrt(p1) - 2 asin sqrt(p2).
///
/// Source  Cohen, Statistical power analysis for the behavioral sciences (1988), equation (6.2.1).
double cohen_h(double first_rate, double second_rate);

/// Difference of means in pooled standard deviations; source Cohen 1988, equation (2.5.1).
double cohen_d(const Moments& first, const Moments& second);

}  // namespace attune::experiment
