#include "experiment/distributions.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <numbers>

namespace attune::experiment {
namespace {

namespace bm = boost::math;

/// What is out of domain is NaN instead of an exception; what overflows is infinite.
using Quiet = bm::policies::policy<
    bm::policies::domain_error<bm::policies::ignore_error>,
    bm::policies::pole_error<bm::policies::ignore_error>,
    bm::policies::overflow_error<bm::policies::ignore_error>,
    bm::policies::evaluation_error<bm::policies::ignore_error>>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

bool is_probability(double value) { return value >= 0 && value <= 1; }

}  // namespace

double normal_density(double z) {
  return std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
}

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

double normal_tail(double z) { return 0.5 * std::erfc(z / std::numbers::sqrt2); }

double normal_quantile(double probability) {
  if (!is_probability(probability)) return kNan;
  return bm::quantile(bm::normal_distribution<double, Quiet>(), probability);
}

double student_cdf(double t, double degrees_of_freedom) {
  if (std::isnan(t) || !(degrees_of_freedom > 0)) return kNan;
  if (std::isinf(t)) return t > 0 ? 1 : 0;
  if (std::isinf(degrees_of_freedom)) return normal_cdf(t);
  return bm::cdf(bm::students_t_distribution<double, Quiet>(degrees_of_freedom), t);
}

double student_quantile(double probability, double degrees_of_freedom) {
  if (!is_probability(probability) || !(degrees_of_freedom > 0)) return kNan;
  if (std::isinf(degrees_of_freedom)) return normal_quantile(probability);
  return bm::quantile(bm::students_t_distribution<double, Quiet>(degrees_of_freedom), probability);
}

double noncentral_student_cdf(double t, NoncentralStudent law) {
  if (!std::isfinite(t) || !(law.degrees_of_freedom > 0)) return kNan;
  return bm::cdf(bm::non_central_t_distribution<double, Quiet>(law.degrees_of_freedom,
                                                               law.noncentrality),
                 t);
}

double chi_squared_tail(double value, double degrees_of_freedom) {
  if (!(value >= 0) || !(degrees_of_freedom > 0)) return kNan;
  const bm::chi_squared_distribution<double, Quiet> law(degrees_of_freedom);
  return std::isinf(value) ? 0 : bm::cdf(bm::complement(law, value));
}

double chi_squared_quantile(double probability, double degrees_of_freedom) {
  if (!is_probability(probability) || !(degrees_of_freedom > 0)) return kNan;
  return bm::quantile(bm::chi_squared_distribution<double, Quiet>(degrees_of_freedom), probability);
}

double noncentral_chi_squared_tail(double value, NoncentralChiSquared law) {
  if (!(value >= 0) || !(law.degrees_of_freedom > 0) || !(law.noncentrality >= 0)) return kNan;
  const bm::non_central_chi_squared_distribution<double, Quiet> shifted(law.degrees_of_freedom,
                                                                        law.noncentrality);
  return bm::cdf(bm::complement(shifted, value));
}

double beta_cdf(double value, BetaLaw law) {
  if (std::isnan(value) || !(law.a > 0) || !(law.b > 0)) return kNan;
  if (value <= 0) return 0;
  if (value >= 1) return 1;
  return bm::cdf(bm::beta_distribution<double, Quiet>(law.a, law.b), value);
}

double beta_quantile(double probability, BetaLaw law) {
  if (!is_probability(probability) || !(law.a > 0) || !(law.b > 0)) return kNan;
  return bm::quantile(bm::beta_distribution<double, Quiet>(law.a, law.b), probability);
}

double log_beta(BetaLaw law) {
  return bm::lgamma(law.a, Quiet()) + bm::lgamma(law.b, Quiet()) -
         bm::lgamma(law.a + law.b, Quiet());
}

}  // namespace attune::experiment
