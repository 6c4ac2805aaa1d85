// Beta-Bernoulli, and the policies over one ridge regression of context x features.
#include "learn/bandit_policies.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/ensure.h"
#include "learn/bandit_ridge.h"
#include "learn/bytes.h"

namespace attune::learn {
namespace {

double draw_normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log1p(-random.uniform()));
  return radius * std::cos(2 * std::numbers::pi * random.uniform());
}

/// Source   Marsaglia and Tsang, "A simple method for generating gamma variables", 2000.
double draw_gamma(double shape, Random& random) {
  if (shape < 1) {
    const double boost = std::pow(1 - random.uniform(), 1 / shape);
    return draw_gamma(shape + 1, random) * boost;
  }
  const double d = shape - 1.0 / 3;
  const double c = 1 / std::sqrt(9 * d);
  for (int attempt = 0; attempt < 1000; ++attempt) {  // each is taken with more than 95 %
    const double x = draw_normal(random);
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root;
    const double u = 1 - random.uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return d * v;
  }
  return d;
}

/// Clicks and misses are what Bandit keeps of each arm anyway.
class ThompsonBeta final : public Bandit {
 public:
  explicit ThompsonBeta(const BanditOptions& options) : Bandit(options) {}
  std::unique_ptr<Bandit> clone() const override { return std::make_unique<ThompsonBeta>(*this); }

 protected:
  void do_score(std::span<const float>, std::span<const BanditArm> candidates, std::uint64_t seed,
                BanditScores& out) const override {
    std::vector<std::pair<double, double>> shapes;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      const std::size_t place = find(candidates[i].key);
      double clicks = options().prior_clicks;
      double misses = options().prior_misses;
      if (place != kNotPinned) {
        clicks += std::max(arms()[place].reward, 0.0);
        misses += std::max(arms()[place].weight - arms()[place].reward, 0.0);
      }
      out.means[i] = clicks / (clicks + misses);
      shapes.emplace_back(clicks, misses);
    }
    Random random(seed);
    out.rows = options().draws;
    out.ranks.reserve(out.rows * shapes.size());
    for (std::size_t row = 0; row < out.rows; ++row) {
      for (const auto& [clicks, misses] : shapes) {
        const double yes = draw_gamma(clicks, random);
        const double no = draw_gamma(misses, random);
        out.ranks.push_back(yes + no > 0 ? yes / (yes + no) : 0);
      }
    }
  }
  void do_update(const BanditExample&, std::size_t) override {}
  bool do_correct(const BanditExample&, std::size_t, double, double) override { return true; }
  void do_decay(double) override {}
  void start_arm(std::size_t) override {}
  void do_write(ByteWriter&) const override {}
  bool do_read(ByteReader&) override { return true; }
};

class LinearPolicy final : public Bandit {
 public:
  explicit LinearPolicy(const BanditOptions& options)
      : Bandit(options),
        ridge_(static_cast<std::size_t>(options.context_size) * options.feature_size,
               options.ridge) {}
  std::unique_ptr<Bandit> clone() const override { return std::make_unique<LinearPolicy>(*this); }

 protected:
  void do_score(std::span<const float> context, std::span<const BanditArm> candidates,
                std::uint64_t seed, BanditScores& out) const override {
    std::vector<double> inputs;
    inputs.reserve(candidates.size() * ridge_.size());
    for (const BanditArm& arm : candidates) append_product(context, arm.features, inputs);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      out.means[i] =
          ridge_.predict(std::span(inputs).subspan(i * ridge_.size(), ridge_.size()));
    }
    if (options().kind == BanditKind::thompson_linear) {
      std::vector<double> covariance;
      ridge_.covariance(inputs, candidates.size(), covariance);
      out.rows = options().draws;
      draw_normals(out.means, covariance, options().spread, out.rows, seed, out.ranks);
      return;
    }
    out.ranks = out.means;
    if (options().kind == BanditKind::epsilon_greedy) {
      out.floor = std::max(options().floor, options().epsilon);
    }
    if (options().kind == BanditKind::square_cb) {
      out.gamma = options().gamma * std::sqrt(static_cast<double>(updates() + 1));
    }
  }
  void do_update(const BanditExample& example, std::size_t) override {
    ridge_.add(input_of(example), example.reward, example.weight, options().refactor_every);
  }
  bool do_correct(const BanditExample& example, std::size_t, double reward,
                  double scale) override {
    ridge_.correct(input_of(example), scale * example.weight * (reward - example.reward));
    return true;
  }
  void do_decay(double factor) override { ridge_.decay(factor); }
  void start_arm(std::size_t) override {}
  void do_write(ByteWriter& out) const override { ridge_.write(out); }
  bool do_read(ByteReader& in) override { return ridge_.read(in); }

 private:
  static std::vector<double> input_of(const BanditExample& example) {
    std::vector<double> input;
    append_product(example.context, example.features, input);
    return input;
  }
  Ridge ridge_;
};

}  // namespace

std::unique_ptr<Bandit> make_beta(const BanditOptions& options) {
  return std::make_unique<ThompsonBeta>(options);
}

std::unique_ptr<Bandit> make_policy(const BanditOptions& options) {
  switch (options.kind) {
    case BanditKind::lin_ucb:
    case BanditKind::lin_ucb_hybrid:
      return make_lin_ucb(options);
    case BanditKind::thompson_beta:
      return make_beta(options);
    case BanditKind::thompson_logistic:
      return make_logistic(options);
    case BanditKind::thompson_linear:
    case BanditKind::greedy:
    case BanditKind::epsilon_greedy:
    case BanditKind::square_cb:
      return std::make_unique<LinearPolicy>(options);
  }
  ensure(false, "a bandit is of a known kind");
  return nullptr;
}

}  // namespace attune::learn
