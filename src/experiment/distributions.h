// The laws that statistics needs, with no exceptions and no infinities by surprise: what lies
// outside a law's domain gives NaN, and the callers check their input before. Boost.Math behind it.
#pragma once

namespace attune::experiment {

double normal_density(double z);
double normal_cdf(double z);
/// 1 - normal_cdf, exact far out in the tail.
double normal_tail(double z);
/// probability  in (0, 1).
double normal_quantile(double probability);

/// degrees_of_freedom  above 0, need not be whole; infinity is the normal law.
double student_cdf(double t, double degrees_of_freedom);
double student_quantile(double probability, double degrees_of_freedom);

/// Where a t statistic lies when its true mean is `noncentrality` standard errors away from 0.
struct NoncentralStudent {
  double degrees_of_freedom = 1;
  double noncentrality = 0;
};
double noncentral_student_cdf(double t, NoncentralStudent law);

/// P(chi squared > value).
double chi_squared_tail(double value, double degrees_of_freedom);
double chi_squared_quantile(double probability, double degrees_of_freedom);

struct NoncentralChiSquared {
  double degrees_of_freedom = 1;
  double noncentrality = 0;
};
double noncentral_chi_squared_tail(double value, NoncentralChiSquared law);

/// Beta(a, b), both above 0.
struct BetaLaw {
  double a = 1;
  double b = 1;

  double mean() const { return a / (a + b); }
  double variance() const { return a * b / ((a + b) * (a + b) * (a + b + 1)); }
};
double beta_cdf(double value, BetaLaw law);
double beta_quantile(double probability, BetaLaw law);
/// Logarithm of the beta function.
double log_beta(BetaLaw law);

}  // namespace attune::experiment
