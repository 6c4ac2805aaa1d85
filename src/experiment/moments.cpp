#include "experiment/moments.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

tl::unexpected<Error> refuse(const char* reason) {
  return fail(ErrorCode::failed_precondition, reason);
}

Result<void> check_finite(std::initializer_list<double> sums) {
  const bool finite =
      std::all_of(sums.begin(), sums.end(), [](double sum) { return std::isfinite(sum); });
  if (!finite) return fail(ErrorCode::invalid_argument, "a sum is not a finite number");
  return {};
}

struct Cross {
  double products = 0;
  double first = 0;
  double second = 0;
};

/// Sample covariance of n units; the variance when both are the same number.
double covariance(double n, Cross sums) {
  return (sums.products - sums.first * sums.second / n) / (n - 1);
}

Result<Moments> with_variance(const Moments& moments) {
  if (!(moments.variance > 0)) return refuse("zero or negative variance");
  return moments;
}

/// A ratio of two means around which a unit's share is linear: (numerator - ratio * denominator) /
/// mean denominator.
struct Linear {
  double ratio = 0;
  double denominator_mean = 0;
};

/// Covariance of two linearised ratios from the four covariances between their parts.
struct PartCovariances {
  double numerators = 0;
  double numerator_denominator = 0;
  double denominator_numerator = 0;
  double denominators = 0;
};

double linear_covariance(const Linear& a, const Linear& b, const PartCovariances& parts) {
  return (parts.numerators - b.ratio * parts.numerator_denominator -
          a.ratio * parts.denominator_numerator + a.ratio * b.ratio * parts.denominators) /
         (a.denominator_mean * b.denominator_mean);
}

}  // namespace

void MeanSums::add(double value) { *this += MeanSums{1, value, value * value}; }

MeanSums& MeanSums::operator+=(const MeanSums& other) {
  count += other.count;
  sum += other.sum;
  sum_of_squares += other.sum_of_squares;
  return *this;
}

ProportionSums& ProportionSums::operator+=(const ProportionSums& other) {
  count += other.count;
  successes += other.successes;
  return *this;
}

void PairSums::add(double first_value, double second_value) {
  *this += PairSums{1, first_value, first_value * first_value, second_value,
                    second_value * second_value, first_value * second_value};
}

PairSums& PairSums::operator+=(const PairSums& other) {
  count += other.count;
  first += other.first;
  first_squares += other.first_squares;
  second += other.second;
  second_squares += other.second_squares;
  products += other.products;
  return *this;
}

RatioPairSums& RatioPairSums::operator+=(const RatioPairSums& other) {
  count += other.count;
  numerator_after += other.numerator_after;
  numerator_after_squares += other.numerator_after_squares;
  denominator_after += other.denominator_after;
  denominator_after_squares += other.denominator_after_squares;
  numerator_before += other.numerator_before;
  numerator_before_squares += other.numerator_before_squares;
  denominator_before += other.denominator_before;
  denominator_before_squares += other.denominator_before_squares;
  numerators += other.numerators;
  denominators += other.denominators;
  after += other.after;
  before += other.before;
  numerator_after_denominator_before += other.numerator_after_denominator_before;
  numerator_before_denominator_after += other.numerator_before_denominator_after;
  return *this;
}

double Moments::standard_error() const { return std::sqrt(variance / count); }

Result<Moments> moments_of(const MeanSums& sums) {
  ATTUNE_TRY(check_finite({sums.count, sums.sum, sums.sum_of_squares}));
  const double n = sums.count;
  if (n < 2) return refuse("fewer than 2 units");
  return with_variance(
      {n, sums.sum / n, covariance(n, {sums.sum_of_squares, sums.sum, sums.sum})});
}

Result<Moments> moments_of(const ProportionSums& sums) {
  ATTUNE_TRY(check_finite({sums.count, sums.successes}));
  if (sums.successes < 0 || sums.successes > sums.count) {
    return fail(ErrorCode::invalid_argument, "successes must be between 0 and the units",
                "successes");
  }
  if (sums.count < 2) return refuse("fewer than 2 units");
  const double rate = sums.successes / sums.count;
  return with_variance({sums.count, rate, rate * (1 - rate)});
}

Result<Moments> ratio_moments(const PairSums& sums) {
  ATTUNE_TRY(check_finite({sums.count, sums.first, sums.first_squares, sums.second,
                           sums.second_squares, sums.products}));
  const double n = sums.count;
  if (n < 2) return refuse("fewer than 2 units");
  if (sums.second == 0) return refuse("the denominator of the ratio is 0");
  const Linear ratio{sums.first / sums.second, sums.second / n};
  const double cross = covariance(n, {sums.products, sums.first, sums.second});
  const double variance = linear_covariance(
      ratio, ratio,
      {.numerators = covariance(n, {sums.first_squares, sums.first, sums.first}),
       .numerator_denominator = cross,
       .denominator_numerator = cross,
       .denominators = covariance(n, {sums.second_squares, sums.second, sums.second})});
  return with_variance({n, ratio.ratio, variance});
}

double denominator_certainty(const PairSums& sums) {
  const double variance =
      covariance(sums.count, {sums.second_squares, sums.second, sums.second});
  return std::abs(sums.second / sums.count) / std::sqrt(std::max(0.0, variance) / sums.count);
}

Result<Moments> moments_of(const QuantileSums& sums) {
  ATTUNE_TRY(check_finite({sums.count, sums.count_at_rank, sums.value, sums.low, sums.high}));
  if (sums.count < 2) return refuse("fewer than 2 values");
  const double z = normal_quantile(1 - kQuantileAlpha / 2);
  const double error = (sums.high - sums.low) / (2 * z);
  const double variance = sums.count_at_rank / sums.count * (sums.count - 1) * error * error;
  return with_variance({sums.count, sums.value, variance});
}

Result<QuantileSums> quantile_of(std::span<const double> sorted, double quantile) {
  if (!(quantile > 0 && quantile < 1)) {
    return fail(ErrorCode::invalid_argument, "the quantile must be between 0 and 1", "quantile");
  }
  const double n = static_cast<double>(sorted.size());
  const double reach =
      normal_quantile(1 - kQuantileAlpha / 2) * std::sqrt(n * quantile * (1 - quantile));
  const double low = std::floor(n * quantile - reach);
  const double high = std::ceil(n * quantile + reach);
  if (low < 1 || high > n) return refuse("too few values beside the quantile");
  const auto at = [&](double rank) { return sorted[static_cast<std::size_t>(rank) - 1]; };
  return QuantileSums{.count = n,
                      .count_at_rank = n,
                      .value = at(std::ceil(n * quantile)),
                      .low = at(low),
                      .high = at(high)};
}

Moments PairedMoments::adjusted(double theta) const {
  return {count, after_mean - theta * before_mean,
          after_variance + theta * theta * before_variance - 2 * theta * covariance};
}

Result<PairedMoments> paired_moments(const PairSums& sums) {
  const double n = sums.count;
  if (n < 2) return refuse("fewer than 2 units");
  return PairedMoments{n,
                       sums.first / n,
                       sums.second / n,
                       covariance(n, {sums.first_squares, sums.first, sums.first}),
                       covariance(n, {sums.second_squares, sums.second, sums.second}),
                       covariance(n, {sums.products, sums.first, sums.second})};
}

Result<PairedMoments> paired_proportion_moments(const PairSums& sums) {
  const double n = sums.count;
  if (n < 2) return refuse("fewer than 2 units");
  const double after = sums.first / n;
  const double before = sums.second / n;
  return PairedMoments{n,
                       after,
                       before,
                       after * (1 - after),
                       before * (1 - before),
                       sums.products / n - after * before};
}

Result<PairedMoments> paired_moments(const RatioPairSums& s) {
  const double n = s.count;
  if (n < 2) return refuse("fewer than 2 units");
  if (s.denominator_after == 0 || s.denominator_before == 0) {
    return refuse("the denominator of the ratio is 0");
  }
  const Linear after{s.numerator_after / s.denominator_after, s.denominator_after / n};
  const Linear before{s.numerator_before / s.denominator_before, s.denominator_before / n};
  const auto cross = [n](double products, double first, double second) {
    return covariance(n, {products, first, second});
  };
  const double after_cross = cross(s.after, s.numerator_after, s.denominator_after);
  const double before_cross = cross(s.before, s.numerator_before, s.denominator_before);
  const PartCovariances after_parts{
      cross(s.numerator_after_squares, s.numerator_after, s.numerator_after), after_cross,
      after_cross,
      cross(s.denominator_after_squares, s.denominator_after, s.denominator_after)};
  const PartCovariances before_parts{
      cross(s.numerator_before_squares, s.numerator_before, s.numerator_before), before_cross,
      before_cross,
      cross(s.denominator_before_squares, s.denominator_before, s.denominator_before)};
  const PartCovariances between{
      cross(s.numerators, s.numerator_after, s.numerator_before),
      cross(s.numerator_after_denominator_before, s.numerator_after, s.denominator_before),
      cross(s.numerator_before_denominator_after, s.denominator_after, s.numerator_before),
      cross(s.denominators, s.denominator_after, s.denominator_before)};
  return PairedMoments{n,
                       after.ratio,
                       before.ratio,
                       linear_covariance(after, after, after_parts),
                       linear_covariance(before, before, before_parts),
                       linear_covariance(after, before, between)};
}

}  // namespace attune::experiment
