#include "campaign/forecast/rates.h"

#include <algorithm>
#include <cmath>

namespace attune::campaign::forecast {
namespace {

constexpr int kRounds = 4;   // of cell means and the strength about them, in turn

/// The law's mean before it saw `trials`.
double mean_without(experiment::BetaLaw law, const Trials& trials) {
  const double a = std::max(law.a - trials.successes, 1e-6);
  const double b = std::max(law.b - (trials.n - trials.successes), 1e-6);
  return a / (a + b);
}

/// A campaign tells of its cell's mean as much as so many trials: never more than strength + 1,
/// however many people saw it.
Trials effective(const Trials& trials, double strength) {
  if (trials.n <= 0) return {};
  const double n = trials.n * (strength + 1) / (trials.n + strength);
  return {n, n * trials.successes / trials.n};
}

std::vector<std::string> prefix_of(const Cell& cell, std::size_t words) {
  return {cell.begin(), cell.begin() + static_cast<std::ptrdiff_t>(words)};
}

}  // namespace

double draw_normal(Random& random) {
  const double uniform = std::clamp(random.uniform(), 0x1p-53, 1 - 0x1p-53);
  return experiment::normal_quantile(uniform);
}

// Marsaglia, Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000).
double draw_gamma(double shape, Random& random) {
  if (shape < 1) {
    const double uniform = std::max(random.uniform(), 0x1p-53);
    return draw_gamma(shape + 1, random) * std::pow(uniform, 1 / shape);
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (int tries = 0; tries < 1000; ++tries) {   // accepts 95 % and more
    const double x = draw_normal(random);
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double uniform = std::max(random.uniform(), 0x1p-53);
    if (std::log(uniform) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
  return d;
}

double draw_beta(experiment::BetaLaw law, Random& random) {
  const double x = draw_gamma(law.a, random);
  const double y = draw_gamma(law.b, random);
  return x + y > 0 ? x / (x + y) : law.a / (law.a + law.b);
}

double quantile_of(std::span<const double> sorted, double share) {
  if (sorted.empty()) return 0;
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = at - static_cast<double>(below);
  return sorted[below] * (1 - part) + sorted[above] * part;
}

Spread spread_of(std::vector<double>& draws) {
  std::ranges::sort(draws);
  double sum = 0;
  for (const double each : draws) sum += each;
  return {draws.empty() ? 0 : sum / static_cast<double>(draws.size()), quantile_of(draws, 0.1),
          quantile_of(draws, 0.9)};
}

void RateModel::fit_levels(std::span<const RateRow> rows) {
  for (std::size_t level = 0; level < kLevels; ++level) {
    levels_[level].clear();
    for (const RateRow& row : rows) {
      const Trials told = effective(row.trials, between_);
      Trials& sum = levels_[level][prefix_of(row.cell, level + 1)].trials;
      sum.n += told.n;
      sum.successes += told.successes;
    }
    // How much children differ from what their siblings say, one strength for the level.
    std::vector<Trials> trials;
    std::vector<double> means;
    for (const auto& [words, node] : levels_[level]) {
      Cell cell;
      std::copy(words.begin(), words.end(), cell.begin());
      const bool is_top = level == 0;
      const auto parent =
          is_top ? levels_[0].end() : levels_[level - 1].find(prefix_of(cell, level));
      means.push_back(mean_without(is_top ? root_ : parent->second.law, node.trials));
      trials.push_back(node.trials);
    }
    const double strength = fit_strength(trials, means).centre();
    std::size_t at = 0;
    for (auto& [words, node] : levels_[level]) {
      const double mean = means[at++];
      node.law = {strength * mean + node.trials.successes,
                  strength * (1 - mean) + node.trials.n - node.trials.successes};
    }
  }
}

RateModel RateModel::fit(std::span<const RateRow> rows) {
  RateModel model;
  std::vector<Trials> all;
  Trials sum;
  for (const RateRow& row : rows) {
    if (row.trials.n <= 0) continue;
    all.push_back(row.trials);
    sum.n += row.trials.n;
    sum.successes += row.trials.successes;
  }
  if (all.empty()) return model;
  model.plain_ = (sum.successes + 0.5) / (sum.n + 1);
  const experiment::BetaLaw law = fit_beta(all);
  model.between_ = law.a + law.b;
  for (int round = 0; round < kRounds; ++round) {
    Trials told;
    for (const Trials& each : all) {
      const Trials one = effective(each, model.between_);
      told.n += one.n;
      told.successes += one.successes;
    }
    model.root_ = {told.successes + 0.5, told.n - told.successes + 0.5};
    model.fit_levels(rows);
    std::vector<double> means;
    for (const RateRow& row : rows) {
      if (row.trials.n <= 0) continue;
      // What the others say: about a mean that it helped to make, each would seem too alike.
      means.push_back(
          mean_without(model.mean_of(row.cell), effective(row.trials, model.between_)));
    }
    model.strengths_ = fit_strength(all, means);
    model.between_ = model.strengths_.centre();
  }
  return model;
}

experiment::BetaLaw RateModel::mean_of(const Cell& cell) const {
  for (std::size_t words = kLevels; words > 0; --words) {
    const auto found = levels_[words - 1].find(prefix_of(cell, words));
    if (found != levels_[words - 1].end()) return found->second.law;
  }
  return root_;
}

std::vector<double> RateModel::draw(const Cell& cell, Random& random, std::size_t count) const {
  const experiment::BetaLaw law = mean_of(cell);
  std::vector<double> draws;
  draws.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double mean = std::clamp(draw_beta(law, random), 1e-9, 1 - 1e-9);
    const double strength = strengths_.draw(random.uniform());
    draws.push_back(draw_beta({mean * strength, (1 - mean) * strength}, random));
  }
  return draws;
}

}  // namespace attune::campaign::forecast
