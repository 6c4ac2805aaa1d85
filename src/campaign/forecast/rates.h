// What a new campaign's rate may be, from those before it: hierarchical empirical Bayes. Cells nest
// (objective, platform, content, audience); each borrows from the one above it as much as the data
// say that cells differ, and a new campaign differs from its cell as much as campaigns were seen
// to. docs/campaigns.md, "Forecasts", is the specification.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "campaign/forecast/beta_fit.h"

namespace attune::campaign::forecast {

constexpr std::size_t kLevels = 4;
constexpr std::size_t kDraws = 4000;

/// From the widest to the narrowest: objective, platform, content type, audience; "" is a word too.
using Cell = std::array<std::string, kLevels>;

/// One campaign in one cell.
struct RateRow {
  Cell cell;
  Trials trials;
};

double draw_normal(Random& random);
double draw_gamma(double shape, Random& random);
double draw_beta(experiment::BetaLaw law, Random& random);

struct Spread {
  double mean = 0;
  double low = 0;    // 10 % quantile
  double high = 0;   // 90 %
};
/// Of draws, which are sorted.
Spread spread_of(std::vector<double>& draws);
double quantile_of(std::span<const double> sorted, double share);

class RateModel {
 public:
  /// rows  of any number; those without trials count for nothing.
  static RateModel fit(std::span<const RateRow> rows);

  /// What is believed of a cell's mean; of the nearest cell above one that was never seen.
  experiment::BetaLaw mean_of(const Cell& cell) const;
  /// Of the beta law of campaigns about their cell's mean: a + b, where it most likely is.
  double between_strength() const { return between_; }
  /// Rates of new campaigns in the cell.
  std::vector<double> draw(const Cell& cell, Random& random, std::size_t count = kDraws) const;
  /// All trials in one: what a plain average says.
  double plain_average() const { return plain_; }

 private:
  struct Node {
    Trials trials;          // effective: as many as tell as much of the mean
    experiment::BetaLaw law;
  };
  using Level = std::map<std::vector<std::string>, Node>;

  void fit_levels(std::span<const RateRow> rows);
  std::array<Level, kLevels> levels_;   // by the first 1 .. kLevels words
  experiment::BetaLaw root_{1, 1};
  StrengthLaw strengths_ = fit_strength({}, {});   // nothing known: the prior
  double between_ = strengths_.centre();
  double plain_ = 0.5;
};

}  // namespace attune::campaign::forecast
