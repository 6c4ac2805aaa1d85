// A ratio whose denominator is hardly above 0: the delta method takes it as linear there, which it
// is not, and Fieller's interval is the one to read.
#pragma once

#include <boost/json/object.hpp>

#include "base/result.h"
#include "experiment/comparison.h"
#include "experiment/effect.h"

namespace attune::experiment {

/// Mean denominators under so many standard errors are noisy.
inline constexpr double kDenominatorCertaintyMin = 5;

/// Ratios R with (M - R D)^2 <= z^2 (V_M - 2 R C + R^2 V_D), M and D the means of a person, V and C
/// the variances and the covariance of those means.
///
/// z       half-width in standard errors, above 0: 1.96 of a single look, more of a sequence.
/// Errors  failed_precondition: fewer than 2 people; the denominator cannot be told from 0, so that
///         the interval has no ends.
/// Source  Fieller, Some problems in interval estimation, JRSS B 16 (1954).
Result<Interval> fieller_ratio_interval(const PairSums& sums, double z);

/// Whether a ratio's mean denominator is so noisy that only Fieller's interval is to be read.
bool is_noisy_ratio(const ArmSums& arm);

struct RatioArms {
  ArmSums control;
  ArmSums treatment;
};

/// What is said beside the comparison of a ratio: {"denominator_certainty"}, and where that is
/// under 5 also "note" and "fieller" with {"low", "high"} of the lift, "control" and "treatment" of
/// each ratio, or "error" in their place. At the width of the comparison's own interval.
boost::json::object noisy_ratio_json(const RatioArms& arms, const TestResult& test);

}  // namespace attune::experiment
