#include "experiment/corrections.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

#include "experiment/distributions.h"

namespace attune::experiment {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// 1 - (1 - p)^k without losing small p.
double sidak(double p, double k) { return -std::expm1(k * std::log1p(-p)); }

std::vector<std::size_t> ascending(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  return order;
}

double harmonic(std::size_t count) {
  double sum = 0;
  for (std::size_t i = 1; i <= count; ++i) sum += 1 / static_cast<double>(i);
  return sum;
}

/// One p value by its 0-based rank among `count`.
double stepped(Correction correction, double p, std::size_t rank, std::size_t count) {
  const double k = static_cast<double>(count);
  const double left = static_cast<double>(count - rank);
  const double place = static_cast<double>(rank) + 1;
  switch (correction) {
    case Correction::none: return p;
    case Correction::bonferroni: return p * k;
    case Correction::sidak: return sidak(p, k);
    case Correction::holm: return p * left;
    case Correction::holm_sidak: return sidak(p, left);
    case Correction::hochberg: return p * left;
    case Correction::benjamini_hochberg: return p * k / place;
    case Correction::benjamini_yekutieli: return p * k / place * harmonic(count);
  }
  return p;
}

bool steps_up(Correction correction) {
  return correction == Correction::hochberg || correction == Correction::benjamini_hochberg ||
         correction == Correction::benjamini_yekutieli;
}

}  // namespace

std::string_view to_string(Correction correction) {
  switch (correction) {
    case Correction::none: return "none";
    case Correction::bonferroni: return "bonferroni";
    case Correction::sidak: return "sidak";
    case Correction::holm: return "holm";
    case Correction::holm_sidak: return "holm_sidak";
    case Correction::hochberg: return "hochberg";
    case Correction::benjamini_hochberg: return "benjamini_hochberg";
    case Correction::benjamini_yekutieli: return "benjamini_yekutieli";
  }
  return "none";
}

Result<std::vector<double>> corrected(std::span<const double> p_values, Correction correction) {
  const bool valid = std::all_of(p_values.begin(), p_values.end(),
                                 [](double p) { return p >= 0 && p <= 1; });
  if (!valid) {
    return fail(ErrorCode::invalid_argument, "a p value must be between 0 and 1", "p_values");
  }
  const std::size_t count = p_values.size();
  const std::vector<std::size_t> order = ascending(p_values);
  std::vector<double> result(count);
  for (std::size_t rank = 0; rank < count; ++rank) {
    result[order[rank]] = std::min(1.0, stepped(correction, p_values[order[rank]], rank, count));
  }
  // No value may overtake that of a larger p: from the small end for steps down, from the large for
  // up.
  for (std::size_t rank = 1; rank < count; ++rank) {
    if (steps_up(correction)) {
      const std::size_t at = count - 1 - rank;
      result[order[at]] = std::min(result[order[at]], result[order[at + 1]]);
    } else {
      result[order[rank]] = std::max(result[order[rank]], result[order[rank - 1]]);
    }
  }
  return result;
}

Interval picture_interval(const CorrectedEffect& effect) {
  if (effect.corrected_p >= 1) return {-kInfinity, kInfinity};
  const double error = std::abs(effect.lift / normal_quantile(1 - effect.corrected_p / 2));
  const double reach = normal_quantile(1 - effect.alpha / 2) * error;
  return {effect.lift - reach, effect.lift + reach};
}

double familywise_alpha(const Family& family) {
  return family.alpha / std::max(1, family.comparisons);
}

double primary_alpha(const Family& family) {
  return family.comparisons <= 1 ? family.alpha : family.primary_share * family.alpha;
}

double secondary_alpha(const Family& family) {
  const int others = std::max(1, family.comparisons - 1);
  return (1 - family.primary_share) * family.alpha / others;
}

Result<Heterogeneity> heterogeneity(std::span<const Effect> effects) {
  if (effects.size() < 2) {
    return fail(ErrorCode::invalid_argument, "fewer than 2 effects", "effects");
  }
  double weights = 0;
  double weighted = 0;
  for (const Effect& effect : effects) {
    if (!(effect.variance > 0)) {
      return fail(ErrorCode::invalid_argument, "a variance must be above 0", "effects");
    }
    weights += 1 / effect.variance;
    weighted += effect.estimate / effect.variance;
  }
  const double pooled = weighted / weights;
  double statistic = 0;
  for (const Effect& effect : effects) {
    statistic += std::pow(effect.estimate - pooled, 2) / effect.variance;
  }
  const double degrees = static_cast<double>(effects.size()) - 1;
  return Heterogeneity{statistic, degrees, chi_squared_tail(statistic, degrees), pooled};
}

}  // namespace attune::experiment
