// People whom clickbait pays today and costs tomorrow: each item is somewhere between chocolate
// (clickbait 1) and kale (0). Engagement is log-normal and grows with clickbait and with
// satisfaction; satisfaction follows what was shown lately. The best policy shows kale, until the
// session is nearly over.
// Source   Ie et al., "RecSim", 2019, section 5.2, "long-term satisfaction". Where we differ:
//          satisfaction reacts more (sensitivity 0.05 for 0.01) and remembers longer (0.9 for 0.7),
//          because with RecSim's defaults it hardly leaves one half and nothing is to be gained;
//          and the share of the session that is left is seen.
#pragma once

#include "learn/slate_environment.h"

namespace attune::learn {

struct LongTermOptions {
  std::size_t candidates = 10;
  std::size_t steps = 60;         // of a session
  double memory = 0.9;            // of what was shown, a step
  double sensitivity = 0.05;      // of satisfaction to it
  double innovation = 0.05;       // deviation of what changes it besides
  double chocolate_log_mean = 5;  // log engagement of clickbait 1 at satisfaction 1
  double kale_log_mean = 4;
  double log_deviation = 0.5;
};

/// person   satisfaction, share of the session that is left. items  clickbait. slate  one item.
class LongTermSimulator final : public SlateEnvironment {
 public:
  explicit LongTermSimulator(const LongTermOptions& options = {}) : options_(options) {}

  SlateShape shape() const override;
  const SlateState& begin(std::uint64_t seed) override;
  SlateOutcome show(std::span<const std::uint32_t> slate) override;
  const SlateState& now() const override { return state_; }

 private:
  void see();

  LongTermOptions options_;
  Random random_{0};
  double exposure_ = 0;  // to kale, less that to chocolate
  std::size_t step_ = 0;
  SlateState state_;
};

/// The item that engages most now: the best policy that does not look ahead.
SlatePolicy long_term_myopic();
/// The item whose clickbait is nearest to `clickbait`, always: 1 is the one above.
SlatePolicy long_term_constant(double clickbait);

/// The best policy there is, up to a grid and to `innovation`: dynamic programming over exposure
/// and steps with the simulator's own formulas. What a learner can reach at most.
SlatePolicy long_term_planner(const LongTermOptions& options);

}  // namespace attune::learn
