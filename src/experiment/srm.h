// Did the arms get the people they should have got? When they did not (sample ratio mismatch),
// something in assignment, redirects or bot filters is broken, and no number of the test is to be
// trusted.
#pragma once

#include <span>
#include <vector>

#include "base/result.h"
#include "experiment/proportion.h"

namespace attune::experiment {

/// Below it the product raises the alarm.
inline constexpr double kSrmAlarm = 0.001;
/// Fewer units say nothing either way.
inline constexpr double kSrmUnitsMin = 100;

struct SrmArm {
  double units = 0;
  double weight = 0;  // any scale; only ratios count
};

/// Pearson's chi squared of units against weights. Arms of weight 0 are left out of units and
/// degrees of freedom; with one arm left or no units there is nothing to test and p is 1.
///
/// Errors  invalid_argument: negative or infinite units or weights.
/// Source  Fabijan and others, Diagnosing sample ratio mismatch in online controlled experiments,
///         KDD 2019; GrowthBook, checkSrm of its back end.
Result<ChiSquaredTest> srm_test(std::span<const SrmArm> arms);

/// The same where weights changed (bandits, ramp-up): expected units are counted period by period,
/// over the weights of that period, and added up. Every period lists the same arms in the same
/// order. Where weights moved, chance varies the sums less than chi squared assumes: the alarm rate
/// is at most as stated.
///
/// Errors  also invalid_argument: periods with different numbers of arms.
Result<ChiSquaredTest> srm_test_over_periods(std::span<const std::vector<SrmArm>> periods);

/// Chi squared of counts against expected counts; degrees of freedom: cells - 1.
///
/// Errors  invalid_argument: lengths differ, fewer than 2 cells, an expected count not above 0.
Result<ChiSquaredTest> goodness_of_fit(std::span<const double> observed,
                                       std::span<const double> expected);

/// Size of a mismatch: sqrt(sum (p1 - p0)^2 / p0) over shares; counts are scaled to shares.
///
/// Errors  invalid_argument: as goodness_of_fit.
/// Source  Cohen 1988, equation (7.2.1).
Result<double> cohen_w(std::span<const double> expected, std::span<const double> observed);

}  // namespace attune::experiment
