#include "learn/simulator_long_term.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace attune::learn {
namespace {

constexpr std::size_t kGrid = 201;         // exposures of the planner
constexpr std::size_t kDrawnOffers = 200;  // candidate sets that stand for all

double satisfaction_of(double exposure, const LongTermOptions& o) {
  return 1 / (1 + std::exp(-o.sensitivity * exposure));
}

double log_mean(double clickbait, double satisfaction, const LongTermOptions& o) {
  return satisfaction *
         (clickbait * o.chocolate_log_mean + (1 - clickbait) * o.kale_log_mean);
}

double after(double exposure, double clickbait, const LongTermOptions& o) {
  return o.memory * exposure - 2 * (clickbait - 0.5);
}

/// Values of exposures with `left` steps to go, on a grid.
class Plan {
 public:
  explicit Plan(const LongTermOptions& options) : o_(options) {
    span_ = 1.2 / (1 - std::min(o_.memory, 0.99)) + 2;
    Random random(1);
    std::vector<double> offers(kDrawnOffers * o_.candidates);
    for (double& clickbait : offers) clickbait = random.uniform();
    values_.assign((o_.steps + 1) * kGrid, 0);
    for (std::size_t left = 1; left <= o_.steps; ++left) {
      for (std::size_t g = 0; g < kGrid; ++g) {
        const double exposure = span_ * (2.0 * static_cast<double>(g) / (kGrid - 1) - 1);
        double sum = 0;
        for (std::size_t at = 0; at < offers.size(); at += o_.candidates) {
          double best = 0;
          for (std::size_t i = 0; i < o_.candidates; ++i) {
            best = std::max(best, worth(exposure, offers[at + i], left));
          }
          sum += best;
        }
        values_[left * kGrid + g] = sum / kDrawnOffers;
      }
    }
  }

  /// Engagement now and after, of showing an item with `left` steps to go.
  double worth(double exposure, double clickbait, std::size_t left) const {
    const double mean = log_mean(clickbait, satisfaction_of(exposure, o_), o_);
    const double now = std::exp(mean + o_.log_deviation * o_.log_deviation / 2);
    const double place = (std::clamp(after(exposure, clickbait, o_) / span_, -1.0, 1.0) + 1) / 2 *
                         (kGrid - 1);
    const auto low = std::min(static_cast<std::size_t>(place), kGrid - 2);
    const double* row = values_.data() + (left - 1) * kGrid;
    return now + row[low] + (place - static_cast<double>(low)) * (row[low + 1] - row[low]);
  }

 private:
  LongTermOptions o_;
  double span_ = 1;
  std::vector<double> values_;
};

template <class Worth>
std::vector<std::uint32_t> best_item(const SlateState& state, Worth&& worth) {
  std::uint32_t best = 0;
  for (std::uint32_t i = 1; i < state.items.size(); ++i) {
    if (worth(state.items[i]) > worth(state.items[best])) best = i;
  }
  return {best};
}

}  // namespace

SlateShape LongTermSimulator::shape() const {
  return {.state_features = 2, .item_features = 1, .candidates = options_.candidates, .slate = 1};
}

void LongTermSimulator::see() {
  state_.person = {static_cast<float>(satisfaction_of(exposure_, options_)),
                   static_cast<float>(options_.steps - step_) /
                       static_cast<float>(options_.steps)};
  state_.items.resize(options_.candidates);
  for (float& clickbait : state_.items) clickbait = static_cast<float>(random_.uniform());
  state_.appeals.assign(options_.candidates, 1);
  state_.null_appeal = 0;
  state_.done = step_ >= options_.steps;
}

const SlateState& LongTermSimulator::begin(std::uint64_t seed) {
  random_ = Random(seed);
  step_ = 0;
  exposure_ = 10 * (random_.uniform() - 0.5);
  see();
  return state_;
}

SlateOutcome LongTermSimulator::show(std::span<const std::uint32_t> slate) {
  const double clickbait = state_.items[slate[0]];
  const double mean = log_mean(clickbait, satisfaction_of(exposure_, options_), options_);
  const double engagement = std::exp(mean + options_.log_deviation * draw_normal(random_));
  exposure_ = after(exposure_, clickbait, options_) + options_.innovation * draw_normal(random_);
  ++step_;
  see();
  return {.chosen = slate[0], .reward = engagement};
}

SlatePolicy long_term_constant(double clickbait) {
  return [=](const SlateState& state) {
    return best_item(state, [=](double of) { return -std::fabs(of - clickbait); });
  };
}

SlatePolicy long_term_myopic() {
  return long_term_constant(1);  // at any satisfaction more clickbait engages more now
}

SlatePolicy long_term_planner(const LongTermOptions& options) {
  const auto plan = std::make_shared<const Plan>(options);
  return [plan, options](const SlateState& state) {
    const double satisfaction = std::clamp(static_cast<double>(state.person[0]), 1e-6, 1 - 1e-6);
    const double exposure =
        std::log(satisfaction / (1 - satisfaction)) / options.sensitivity;
    const auto left = static_cast<std::size_t>(
        std::lround(static_cast<double>(state.person[1]) * static_cast<double>(options.steps)));
    return best_item(state, [&](double clickbait) {
      return plan->worth(exposure, clickbait, std::max<std::size_t>(left, 1));
    });
  };
}

}  // namespace attune::learn
