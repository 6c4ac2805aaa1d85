// How a bandit test shares its traffic: each arm gets the probability that it is the best one.
// Computed by quadrature, not by draws, so the same data give the same weights on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "experiment/distributions.h"
#include "experiment/moments.h"

namespace attune::experiment {

/// Every arm keeps at least this share, so that its estimate stays alive.
inline constexpr double kWeightFloor = 0.01;
/// An arm with fewer units says too little: the weights stay as they are until every arm has them.
inline constexpr double kBanditUnitsMin = 100;

struct ArmBelief {
  double mean = 0;
  double deviation = 1;  // above 0
};

enum class Better : std::uint8_t { higher, lower };

/// Mean of an arm after data, from the prior N(0, 10^4).
///
/// Errors  failed_precondition: fewer than kBanditUnitsMin units, zero or negative variance.
/// Source  GrowthBook, bandits; Gelman and others, Bayesian data analysis, section 2.5.
Result<ArmBelief> arm_belief(const Moments& arm);

/// P(arm k is the best) = integral of phi(t) prod_{i != k} Phi((m_k + t s_k - m_i) / s_i) dt, by
/// Gauss and Hermite with 128 nodes, then scaled to sum 1.
///
/// Returns  one probability per arm, sum 1 within 1e-12.
/// Errors   invalid_argument: no arms, a deviation not above 0, a mean that is not finite.
/// Source   Scott, A modern Bayesian look at the multi-armed bandit, ASMBI 26 (2010).
Result<std::vector<double>> best_arm_probabilities(std::span<const ArmBelief> arms, Better better);

/// Top-two: (P(best) + P(second best)) / 2. Finds the best arm sooner than Thompson's weights,
/// which starve the runner-up that it has to be told from.
///
/// Errors  as best_arm_probabilities, and fewer than 2 arms.
/// Source  Russo, Simple Bayesian algorithms for best arm identification, COLT 2016 (top-two
///         sampling); the even share of both places as GrowthBook has it.
Result<std::vector<double>> top_two_probabilities(std::span<const ArmBelief> arms, Better better);

/// The same for conversion rates with few successes, where the normal law does not hold: posteriors
/// are beta laws, integral over the quantiles of arm k by Gauss and Legendre.
///
/// Returns  within 1e-5 of the exact chances.
/// Errors   invalid_argument: no arms, a or b not above 0.
Result<std::vector<double>> best_rate_probabilities(std::span<const BetaLaw> arms, Better better);

/// p_i = f + (1 - K f) w_i; a negative floor is none, K f >= 1 gives equal shares.
std::vector<double> with_floor(std::span<const double> weights, double floor);

/// One period of a bandit with weights of its own.
struct PeriodEffect {
  double units = 0;     // of all arms in the period
  double estimate = 0;  // within the period
  double variance = 0;
};

/// Effect over periods weighted by their units: a mean over arms pooled across periods is biased
/// when weights and the world's mood changed together.
///
/// Returns  estimate and variance, units of all periods.
/// Errors   invalid_argument: no units, a variance not above 0.
/// Source   GrowthBook, bandits (weight by period); Optimizely, Stats Accelerator (epoch
///          stratification).
Result<PeriodEffect> over_periods(std::span<const PeriodEffect> periods);

struct Node {
  double at = 0;
  double weight = 0;
};
/// Nodes and weights for the integral of exp(-x^2) f(x), ascending.
///
/// Source  Golub, Welsch, Calculation of Gauss quadrature rules, Mathematics of Computation 23
///         (1969); found by Newton's steps on orthonormal Hermite polynomials.
std::vector<Node> gauss_hermite(std::size_t count);

}  // namespace attune::experiment
