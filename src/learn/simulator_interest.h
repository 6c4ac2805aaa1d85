// People with interests in topics that move with what they look at, and a budget of time that good
// items stretch. Topics that appeal are not the ones of quality, so that the slate that is clicked
// most now ends the session early.
// Source   Ie et al., "SlateQ", IJCAI 2019, section 6.1, and "RecSim", 2019, section 5.1, "interest
//          evolution". Where we differ: fewer topics, an item has exactly one, and its quality is
//          seen.
#pragma once

#include "learn/slate_environment.h"

namespace attune::learn {

struct InterestOptions {
  std::size_t topics = 8;
  std::size_t good_topics = 3;  // the last ones have qualities in 0 .. 3, the others in -3 .. 0
  std::size_t candidates = 10;
  std::size_t slate = 3;
  double budget = 60;        // at the start; a session ends when it is used up
  double item_cost = 4;      // of looking at an item
  double idle_cost = 1;      // of choosing nothing
  double stretch = 0.9;      // share of item_cost given back, at most, by quality 3
  double movement = 0.3;     // of an interest that was met
  std::size_t steps_max = 200;
};

/// person   interests (-1 .. 1), share of the budget left. items  topic as one 1 among zeros,
/// quality / 3. reward  1 for an item looked at.
class InterestSimulator final : public SlateEnvironment {
 public:
  explicit InterestSimulator(const InterestOptions& options = {}) : options_(options) {}

  SlateShape shape() const override;
  const SlateState& begin(std::uint64_t seed) override;
  SlateOutcome show(std::span<const std::uint32_t> slate) override;
  const SlateState& now() const override { return state_; }

 private:
  void see();
  void look_at(std::uint32_t item);

  InterestOptions options_;
  Random random_{0};
  std::vector<double> interests_;
  double budget_ = 0;
  std::size_t step_ = 0;
  std::vector<std::size_t> topics_;  // of the candidates
  std::vector<double> qualities_;
  SlateState state_;
};

}  // namespace attune::learn
