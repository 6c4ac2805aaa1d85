#include "experiment/bandit_weights.h"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

namespace attune::experiment {
namespace {

constexpr double kPriorVariance = 1e4;
constexpr std::size_t kNodes = 128;
constexpr int kNewtonSteps = 50;
constexpr int kPanels = 16;

const std::vector<Node>& hermite_nodes() {
  static const std::vector<Node> nodes = gauss_hermite(kNodes);
  return nodes;
}

std::vector<double> scaled(std::vector<double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) {
    weight = sum > 0 ? weight / sum : 1 / static_cast<double>(weights.size());
  }
  return weights;
}

/// Beliefs for which higher is better.
Result<std::vector<ArmBelief>> turned(std::span<const ArmBelief> arms, Better better) {
  if (arms.empty()) return fail(ErrorCode::invalid_argument, "no arms", "arms");
  std::vector<ArmBelief> beliefs(arms.begin(), arms.end());
  for (ArmBelief& arm : beliefs) {
    if (!(arm.deviation > 0) || !std::isfinite(arm.deviation) || !std::isfinite(arm.mean)) {
      return fail(ErrorCode::invalid_argument, "an arm needs a finite mean and a deviation above 0",
                  "arms");
    }
    if (better == Better::lower) arm.mean = -arm.mean;
  }
  return beliefs;
}

/// P(the arm is above the other) at one value of the arm.
double above(const ArmBelief& other, double value) {
  return normal_cdf((value - other.mean) / other.deviation);
}

/// Expectation of `f` over the law of one arm.
template <class F>
double expected(const ArmBelief& arm, F f) {
  double sum = 0;
  for (const Node& node : hermite_nodes()) {
    sum += node.weight * f(arm.mean + std::numbers::sqrt2 * node.at * arm.deviation);
  }
  return sum / std::sqrt(std::numbers::pi);
}

double chance_best(const std::vector<ArmBelief>& arms, std::size_t k) {
  return expected(arms[k], [&](double value) {
    double product = 1;
    for (std::size_t i = 0; i < arms.size(); ++i) {
      if (i != k) product *= above(arms[i], value);
    }
    return product;
  });
}

/// Exactly one other arm is above.
double chance_second(const std::vector<ArmBelief>& arms, std::size_t k) {
  return expected(arms[k], [&](double value) {
    double none_above = 1;
    double one_above = 0;
    for (std::size_t i = 0; i < arms.size(); ++i) {
      if (i == k) continue;
      const double below = above(arms[i], value);
      one_above = one_above * below + none_above * (1 - below);
      none_above *= below;
    }
    return one_above;
  });
}

/// Orthonormal Hermite polynomial of degree `count` at x, and its derivative.
struct Polynomial {
  double value = 0;
  double slope = 0;
};

Polynomial hermite(std::size_t count, double x) {
  double before = 0;
  double now = std::pow(std::numbers::pi, -0.25);
  for (std::size_t j = 1; j <= count; ++j) {
    const double degree = static_cast<double>(j);
    const double next = x * std::sqrt(2 / degree) * now - std::sqrt((degree - 1) / degree) * before;
    before = now;
    now = next;
  }
  return {now, std::sqrt(2 * static_cast<double>(count)) * before};
}

/// First guess of the i-th largest root; from Stroud and Secrest, Gaussian quadrature formulas
/// (1966).
double first_guess(std::size_t i, double n, const std::vector<double>& roots, double last) {
  switch (i) {
    case 0: return std::sqrt(2 * n + 1) - 1.85575 * std::pow(2 * n + 1, -1.0 / 6);
    case 1: return last - 1.14 * std::pow(n, 0.426) / last;
    case 2: return 1.86 * last - 0.86 * roots[0];
    case 3: return 1.91 * last - 0.91 * roots[1];
    default: return 2 * last - roots[i - 2];
  }
}

}  // namespace

std::vector<Node> gauss_hermite(std::size_t count) {
  std::vector<double> roots;
  std::vector<Node> nodes(count);
  double x = 0;
  for (std::size_t i = 0; i < (count + 1) / 2; ++i) {
    x = first_guess(i, static_cast<double>(count), roots, x);
    Polynomial p = hermite(count, x);
    for (int step = 0; step < kNewtonSteps && std::abs(p.value / p.slope) > 1e-15; ++step) {
      x -= p.value / p.slope;
      p = hermite(count, x);
    }
    roots.push_back(x);
    const double weight = 2 / (p.slope * p.slope);
    nodes[count - 1 - i] = {x, weight};
    nodes[i] = {-x, weight};
  }
  return nodes;
}

Result<ArmBelief> arm_belief(const Moments& arm) {
  if (!(arm.count >= kBanditUnitsMin)) {
    return fail(ErrorCode::failed_precondition, "fewer than 100 units");
  }
  if (!(arm.variance > 0)) {
    return fail(ErrorCode::failed_precondition, "zero or negative variance");
  }
  const double data = arm.count / arm.variance;
  const double precision = data + 1 / kPriorVariance;
  return ArmBelief{arm.mean * data / precision, std::sqrt(1 / precision)};
}

Result<std::vector<double>> best_arm_probabilities(std::span<const ArmBelief> arms, Better better) {
  ATTUNE_ASSIGN(const std::vector<ArmBelief> beliefs, turned(arms, better));
  std::vector<double> chances(beliefs.size());
  for (std::size_t k = 0; k < beliefs.size(); ++k) chances[k] = chance_best(beliefs, k);
  return scaled(std::move(chances));
}

Result<std::vector<double>> top_two_probabilities(std::span<const ArmBelief> arms, Better better) {
  ATTUNE_ASSIGN(const std::vector<ArmBelief> beliefs, turned(arms, better));
  if (beliefs.size() < 2) return fail(ErrorCode::invalid_argument, "fewer than 2 arms", "arms");
  std::vector<double> chances(beliefs.size());
  for (std::size_t k = 0; k < beliefs.size(); ++k) {
    chances[k] = chance_best(beliefs, k) + chance_second(beliefs, k);
  }
  return scaled(std::move(chances));
}

Result<std::vector<double>> best_rate_probabilities(std::span<const BetaLaw> arms, Better better) {
  if (arms.empty()) return fail(ErrorCode::invalid_argument, "no arms", "arms");
  for (const BetaLaw& arm : arms) {
    if (!(arm.a > 0) || !(arm.b > 0)) {
      return fail(ErrorCode::invalid_argument, "both parts of a beta law must be above 0", "arms");
    }
  }
  std::vector<double> chances(arms.size());
  for (std::size_t k = 0; k < arms.size(); ++k) {
    const auto all_beaten = [&](double share) {
      const double rate = beta_quantile(share, arms[k]);
      double product = 1;
      for (std::size_t i = 0; i < arms.size(); ++i) {
        if (i == k) continue;
        const double below = beta_cdf(rate, arms[i]);
        product *= better == Better::higher ? below : 1 - below;
      }
      return product;
    };
    for (int panel = 0; panel < kPanels; ++panel) {
      chances[k] += boost::math::quadrature::gauss<double, 15>::integrate(
          all_beaten, panel / double{kPanels}, (panel + 1) / double{kPanels});
    }
  }
  return scaled(std::move(chances));
}

std::vector<double> with_floor(std::span<const double> weights, double floor) {
  const double count = static_cast<double>(weights.size());
  const double kept = std::max(0.0, floor);
  std::vector<double> shares;
  for (const double weight : weights) {
    shares.push_back(count * kept >= 1 ? 1 / count : kept + (1 - count * kept) * weight);
  }
  return shares;
}

Result<PeriodEffect> over_periods(std::span<const PeriodEffect> periods) {
  PeriodEffect all;
  for (const PeriodEffect& period : periods) {
    if (!(period.units > 0) || !(period.variance > 0)) {
      return fail(ErrorCode::invalid_argument, "a period needs units and a variance above 0",
                  "periods");
    }
    all.units += period.units;
  }
  if (periods.empty()) return fail(ErrorCode::invalid_argument, "no periods", "periods");
  for (const PeriodEffect& period : periods) {
    const double share = period.units / all.units;
    all.estimate += share * period.estimate;
    all.variance += share * share * period.variance;
  }
  return all;
}

}  // namespace attune::experiment
