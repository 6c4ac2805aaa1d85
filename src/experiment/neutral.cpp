#include "experiment/neutral.h"

#include "experiment/distributions.h"

namespace attune::experiment {

std::string_view to_string(NullBasis basis) {
  switch (basis) {
    case NullBasis::none: return "none";
    case NullBasis::interval: return "interval";
    case NullBasis::power: break;
  }
  return "power";
}

NullBasis null_basis(const Comparison& comparison, const NullQuestion& question) {
  const double smallest = question.smallest_lift;
  if (!(smallest > 0)) return NullBasis::none;
  if (question.wide.low > -smallest && question.wide.high < smallest) return NullBasis::interval;
  const TestResult& test = comparison.test;
  const double z = (question.wide.high - test.estimate) / test.standard_error;
  const double distance = smallest / test.standard_error;
  const double power = normal_cdf(distance - z) + normal_cdf(-distance - z);
  return power >= kNullPower ? NullBasis::power : NullBasis::none;
}

}  // namespace attune::experiment
