#include "experiment/noisy_ratio.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

namespace json = boost::json;

PairSums pair_of(const ArmSums& arm) {
  const auto& s = arm.sums;
  return {.count = s[0], .first = s[1], .first_squares = s[2], .second = s[3],
          .second_squares = s[4], .products = s[5]};
}

json::object ends_of(const Result<Interval>& interval) {
  if (!interval) return {{"error", interval.error().message()}};
  return {{"low", interval->low}, {"high", interval->high}};
}

/// Fieller's interval of one ratio over the other, each with its variance by the delta method.
Result<Interval> fieller_lift(const PairSums& control, const PairSums& treatment, double z) {
  ATTUNE_ASSIGN(const Moments a, ratio_moments(control));
  ATTUNE_ASSIGN(const Moments b, ratio_moments(treatment));
  return fieller_interval(a, b, 2 * normal_tail(z));
}

}  // namespace

bool is_noisy_ratio(const ArmSums& arm) {
  return denominator_certainty(pair_of(arm)) < kDenominatorCertaintyMin;
}

Result<Interval> fieller_ratio_interval(const PairSums& sums, double z) {
  const double n = sums.count;
  if (n < 2) return fail(ErrorCode::failed_precondition, "fewer than 2 units");
  const double top = sums.first / n;
  const double bottom = sums.second / n;
  const double scale = z * z / (n * (n - 1));
  const double a = bottom * bottom - scale * (sums.second_squares - n * bottom * bottom);
  const double b = top * bottom - scale * (sums.products - n * top * bottom);
  const double c = top * top - scale * (sums.first_squares - n * top * top);
  if (!(a > 0)) {
    return fail(ErrorCode::failed_precondition,
                "the denominator cannot be told from 0: the interval has no ends");
  }
  const double root = std::sqrt(std::max(0.0, b * b - a * c));
  return Interval{(b - root) / a, (b + root) / a};
}

json::object noisy_ratio_json(const RatioArms& arms, const TestResult& test) {
  const PairSums control = pair_of(arms.control);
  const PairSums treatment = pair_of(arms.treatment);
  const double certainty =
      std::min(denominator_certainty(control), denominator_certainty(treatment));
  if (!std::isfinite(certainty)) return {};   // the same denominator of everybody
  json::object said{{"denominator_certainty", certainty}};
  if (certainty >= kDenominatorCertaintyMin) return said;
  const double z = (test.interval.high - test.estimate) / test.standard_error;
  json::object fieller = ends_of(fieller_lift(control, treatment, z));
  fieller["control"] = ends_of(fieller_ratio_interval(control, z));
  fieller["treatment"] = ends_of(fieller_ratio_interval(treatment, z));
  said["fieller"] = std::move(fieller);
  said["note"] = fmt::format(
      "The denominator is only {:.1f} standard errors above 0, so the interval is not to be "
      "trusted: read Fieller's, or wait for more people.",
      certainty);
  return said;
}

}  // namespace attune::experiment
