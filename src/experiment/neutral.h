// A null result that says something: no difference worth having, as distinct from "not known yet".
#pragma once

#include <cstdint>
#include <string_view>

#include "experiment/comparison.h"

namespace attune::experiment {

enum class NullBasis : std::uint8_t {
  none,      // nothing is ruled out
  interval,  // the interval lies inside the smallest lift worth having, on both sides
  power,     // that lift would have been found with 80 % chance, and none was
};

std::string_view to_string(NullBasis basis);

inline constexpr double kNullPower = 0.8;

struct NullQuestion {
  double smallest_lift = 0;   // worth having, above 0, relative to the control
  Interval wide;              // of the lift, corrected for all comparisons
};

/// What a comparison that is not significant rules out.
///
/// interval  -smallest < low and high < smallest: as two one-sided tests, each at half of the
///           corrected alpha.
/// power     Phi(smallest / SE - z) + Phi(-smallest / SE - z) >= 0.8, z the half-width of the
///           corrected interval in standard errors.
/// Source    Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics 15 (1987).
NullBasis null_basis(const Comparison& comparison, const NullQuestion& question);

}  // namespace attune::experiment
