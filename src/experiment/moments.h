// What is stored of a metric: counts, sums, squares and products, never the people themselves. They
// add up over days and dimension values without loss, so every result can be recomputed from what
// is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/result.h"

namespace attune::experiment {

/// A number per unit (a person, usually): revenue, views. A unit without any counts with 0.
struct MeanSums {
  double count = 0;  // units
  double sum = 0;
  double sum_of_squares = 0;

  void add(double value);
  MeanSums& operator+=(const MeanSums& other);
};

/// How many of the units did it.
struct ProportionSums {
  double count = 0;
  double successes = 0;  // 0 .. count

  ProportionSums& operator+=(const ProportionSums& other);
};

/// Two numbers per unit and their products: clicks and views, purchases after and before.
struct PairSums {
  double count = 0;
  double first = 0;
  double first_squares = 0;
  double second = 0;
  double second_squares = 0;
  double products = 0;

  void add(double first_value, double second_value);
  PairSums& operator+=(const PairSums& other);
};

/// A ratio after and before a unit saw the test: four numbers per unit and their six products.
struct RatioPairSums {
  double count = 0;
  double numerator_after = 0, numerator_after_squares = 0;
  double denominator_after = 0, denominator_after_squares = 0;
  double numerator_before = 0, numerator_before_squares = 0;
  double denominator_before = 0, denominator_before_squares = 0;
  double numerators = 0;             // numerator after x numerator before
  double denominators = 0;           // denominator after x denominator before
  double after = 0;                  // numerator after x denominator after
  double before = 0;                 // numerator before x denominator before
  double numerator_after_denominator_before = 0;
  double numerator_before_denominator_after = 0;

  RatioPairSums& operator+=(const RatioPairSums& other);
};

/// One arm of a test as the tests see it. `variance` is of one unit: that of the mean is variance /
/// count.
struct Moments {
  double count = 0;
  double mean = 0;
  double variance = 0;

  double standard_error() const;
};

/// s^2 = (Q - S^2 / n) / (n - 1).
///
/// Errors  failed_precondition: fewer than 2 units; zero or negative variance.
///         invalid_argument: a sum that is not finite.
Result<Moments> moments_of(const MeanSums& sums);

/// Mean p = x / n, variance p (1 - p), as GrowthBook has it (not n - 1).
///
/// Errors  failed_precondition: fewer than 2 units; nobody or everybody did it (no variance; an
///         interval of newcombe_interval() still says something).
///         invalid_argument: fewer than no successes, or more than units.
Result<Moments> moments_of(const ProportionSums& sums);

/// R = sum of `first` / sum of `second`, its variance by the delta method:
/// s_m^2 / D^2 + s_d^2 M^2 / D^4 - 2 c M / D^3 with M, D the means of numerator and denominator.
///
/// Errors  failed_precondition: fewer than 2 units; a denominator of 0; zero or negative variance.
/// Source  Deng, Knoblich, Lu, Applying the delta method in metric analytics, KDD 2018.
Result<Moments> ratio_moments(const PairSums& sums);

/// Mean of the denominator in standard errors. Below 5 the delta method is not to be trusted: the
/// result says so and shows fieller_interval().
double denominator_certainty(const PairSums& sums);

/// A quantile's order statistics are those of a 95 % interval, whatever the test's own alpha.
inline constexpr double kQuantileAlpha = 0.05;

/// A quantile of the values and the order statistics at z = 1.96 around it.
struct QuantileSums {
  double count = 0;           // values
  double count_at_rank = 0;   // values behind the order statistics; count, without sampling
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Variance (count_at_rank / count) (count - 1) ((high - low) / (2 * 1.96))^2.
///
/// Errors  failed_precondition: fewer than 2 values; high not above low.
/// Source  Deng, Knoblich, Lu 2018 (quantiles).
Result<Moments> moments_of(const QuantileSums& sums);

/// The quantile of sorted values and its two order statistics.
///
/// sorted    ascending, finite.
/// quantile  in (0, 1).
/// Errors    invalid_argument: quantile outside; failed_precondition: too few values on either
///           side.
Result<QuantileSums> quantile_of(std::span<const double> sorted, double quantile);

/// One arm with what its units did before the test, for CUPED.
struct PairedMoments {
  double count = 0;
  double after_mean = 0;
  double before_mean = 0;
  double after_variance = 0;
  double before_variance = 0;
  double covariance = 0;

  /// Mean and variance after taking out theta times what was known before.
  Moments adjusted(double theta) const;
};

/// `first` is after, `second` before; sample moments (n - 1).
Result<PairedMoments> paired_moments(const PairSums& sums);
/// Both numbers are 0 or 1, so that squares are sums; population moments (n).
Result<PairedMoments> paired_proportion_moments(const PairSums& sums);
/// Both ratios linearised by the delta method.
Result<PairedMoments> paired_moments(const RatioPairSums& sums);

}  // namespace attune::experiment
