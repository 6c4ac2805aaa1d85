#include "profile/lifetimes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace attune::profile {
namespace {

constexpr double kLogMax = 9;            // of a parameter, either way
constexpr double kPriorSd = 3;           // of a parameter's logarithm
constexpr int kEvaluationsMax = 1500;    // from one start
constexpr double kFlat = 1e-9;           // spread of the simplex, relative to the likelihood
constexpr double kSmall = 1e-4;          // and of its corners

using Point = std::array<double, 4>;     // logarithms of r, alpha, a, b

struct Corner {
  Point at{};
  double cost = 0;
};

LifetimeParameters parameters_of(const Point& point) {
  return {std::exp(point[0]), std::exp(point[1]), std::exp(point[2]), std::exp(point[3])};
}

double cost_of(const Point& point, std::span<const Rhythm> rhythms) {
  for (const double value : point) {
    if (std::abs(value) > kLogMax) return std::numeric_limits<double>::infinity();
  }
  double value = -log_likelihood(parameters_of(point), rhythms);
  for (const double at : point) value += at * at / (2 * kPriorSd * kPriorSd);
  return std::isfinite(value) ? value : std::numeric_limits<double>::infinity();
}

Point between(const Point& from, const Point& to, double step) {
  Point point;
  for (std::size_t at = 0; at < point.size(); ++at) {
    point[at] = from[at] + step * (to[at] - from[at]);
  }
  return point;
}

bool settled(const std::array<Corner, 5>& corners) {
  const double spread = corners.back().cost - corners.front().cost;
  if (!(spread <= kFlat * (1 + std::abs(corners.front().cost)))) return false;
  for (std::size_t at = 0; at < 4; ++at) {
    for (const Corner& corner : corners) {
      if (std::abs(corner.at[at] - corners.front().at[at]) > kSmall) return false;
    }
  }
  return true;
}

/// One step of the simplex; `corners` are in order of cost.
void step(std::array<Corner, 5>& corners, std::span<const Rhythm> rhythms, int& evaluations) {
  const auto at = [&](const Point& point) {
    ++evaluations;
    return Corner{point, cost_of(point, rhythms)};
  };
  Corner& worst = corners.back();
  Point middle{};
  for (std::size_t corner = 0; corner + 1 < corners.size(); ++corner) {
    for (std::size_t axis = 0; axis < 4; ++axis) middle[axis] += corners[corner].at[axis] / 4;
  }
  const Corner reflected = at(between(middle, worst.at, -1));
  if (reflected.cost < corners.front().cost) {
    const Corner expanded = at(between(middle, worst.at, -2));
    worst = expanded.cost < reflected.cost ? expanded : reflected;
  } else if (reflected.cost < corners[3].cost) {
    worst = reflected;
  } else {
    const bool outside = reflected.cost < worst.cost;
    const Corner pulled = at(between(middle, worst.at, outside ? -0.5 : 0.5));
    if (pulled.cost < std::min(worst.cost, reflected.cost)) {
      worst = pulled;
    } else {
      for (std::size_t corner = 1; corner < corners.size(); ++corner) {
        corners[corner] = at(between(corners.front().at, corners[corner].at, 0.5));
      }
    }
  }
  std::ranges::sort(corners, {}, &Corner::cost);
}

struct Minimum {
  Corner corner;
  int evaluations = 0;
  bool found = false;
};

Minimum descend(const Point& start, std::span<const Rhythm> rhythms) {
  std::array<Corner, 5> corners;
  for (std::size_t corner = 0; corner < corners.size(); ++corner) {
    Point point = start;
    if (corner > 0) point[corner - 1] += 0.5;
    corners[corner] = {point, cost_of(point, rhythms)};
  }
  std::ranges::sort(corners, {}, &Corner::cost);
  Minimum minimum;
  while (minimum.evaluations < kEvaluationsMax && !settled(corners)) {
    step(corners, rhythms, minimum.evaluations);
  }
  minimum.corner = corners.front();
  minimum.found = settled(corners) && std::isfinite(minimum.corner.cost);
  return minimum;
}

/// What depends on x alone, for all x that occur: log-gammas are the costly part.
class ByRepeats {
 public:
  ByRepeats(const LifetimeParameters& p, std::span<const Rhythm> rhythms) : p_(p) {
    for (const Rhythm& rhythm : rhythms) most_ = std::max(most_, rhythm.repeats);
    known_.assign(static_cast<std::size_t>(std::min(most_, kKept)) + 1,
                  std::numeric_limits<double>::quiet_NaN());
  }

  double operator()(std::int64_t repeats) {
    if (repeats >= static_cast<std::int64_t>(known_.size())) return compute(repeats);
    double& value = known_[static_cast<std::size_t>(repeats)];
    if (std::isnan(value)) value = compute(repeats);
    return value;
  }

 private:
  static constexpr std::int64_t kKept = 4096;

  static double gamma(double x) {
    int sign = 0;
    return ::lgamma_r(x, &sign);   // lgamma writes a global
  }
  double compute(std::int64_t repeats) const {
    const auto x = static_cast<double>(repeats);
    return gamma(p_.r + x) - gamma(p_.r) + p_.r * std::log(p_.alpha) + gamma(p_.a + p_.b) -
           gamma(p_.b) + gamma(p_.b + x) - gamma(p_.a + p_.b + x);
  }

  const LifetimeParameters p_;
  std::int64_t most_ = 0;
  std::vector<double> known_;
};

}  // namespace

double log_likelihood(const LifetimeParameters& p, std::span<const Rhythm> rhythms) {
  ByRepeats by_repeats(p, rhythms);
  double sum = 0;
  for (const Rhythm& rhythm : rhythms) {
    const double shape = p.r + static_cast<double>(rhythm.repeats);
    double last = -shape * std::log(p.alpha + rhythm.age);
    if (rhythm.repeats > 0) {
      const double left = std::log(p.a) -
                          std::log(p.b + static_cast<double>(rhythm.repeats) - 1) -
                          shape * std::log(p.alpha + rhythm.recency);
      const double greater = std::max(last, left);
      last = greater + std::log1p(std::exp(std::min(last, left) - greater));
    }
    sum += static_cast<double>(rhythm.people) * (by_repeats(rhythm.repeats) + last);
  }
  return sum;
}

double probability_alive(const LifetimeParameters& p, std::int64_t repeats, double recency,
                         double age) {
  if (repeats <= 0) return 1;
  const auto x = static_cast<double>(repeats);
  const double odds = std::log(p.a / (p.b + x - 1)) +
                      (p.r + x) * std::log((p.alpha + age) / (p.alpha + recency));
  return 1 / (1 + std::exp(std::min(odds, 500.0)));
}

Result<LifetimeFit> fit_lifetimes(std::span<const Rhythm> rhythms) {
  std::int64_t returning = 0;
  double oldest = 0;
  double longest = 1;
  for (const Rhythm& rhythm : rhythms) {
    if (rhythm.repeats > 0) returning += rhythm.people;
    oldest = std::max(oldest, rhythm.age);
    longest = std::max(longest, rhythm.recency);
  }
  if (returning < kReturningMin) {
    return fail(ErrorCode::failed_precondition, "too few people came again to fit their rhythm");
  }
  if (oldest < kAgeMin) {
    return fail(ErrorCode::failed_precondition, "the site's visits do not go back far enough");
  }
  const double scale = std::log(longest);
  const Point starts[] = {{0, scale / 2, 0, 0}, {-1, scale, -1, 1}, {0.5, 1, 1, 2}};
  Minimum best;
  best.corner.cost = std::numeric_limits<double>::infinity();
  int evaluations = 0;
  for (const Point& start : starts) {
    const Minimum minimum = descend(start, rhythms);
    evaluations += minimum.evaluations;
    if (minimum.found && minimum.corner.cost < best.corner.cost) best = minimum;
  }
  if (!best.found) {
    return fail(ErrorCode::failed_precondition, "no maximum of the likelihood was found");
  }
  return LifetimeFit{.parameters = parameters_of(best.corner.at),
                     .log_likelihood =
                         log_likelihood(parameters_of(best.corner.at), rhythms),
                     .evaluations = evaluations};
}

}  // namespace attune::profile
