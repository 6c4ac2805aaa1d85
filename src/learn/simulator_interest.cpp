#include "learn/simulator_interest.h"

#include <algorithm>
#include <cmath>

namespace attune::learn {

SlateShape InterestSimulator::shape() const {
  return {.state_features = options_.topics + 1,
          .item_features = options_.topics + 1,
          .candidates = options_.candidates,
          .slate = options_.slate};
}

void InterestSimulator::see() {
  const InterestOptions& o = options_;
  state_.person.assign(interests_.begin(), interests_.end());
  state_.person.push_back(static_cast<float>(std::max(budget_, 0.0) / o.budget));
  state_.items.assign(o.candidates * (o.topics + 1), 0);
  state_.appeals.resize(o.candidates);
  topics_.resize(o.candidates);
  qualities_.resize(o.candidates);
  for (std::size_t i = 0; i < o.candidates; ++i) {
    topics_[i] = random_.below(o.topics);
    const bool good = topics_[i] + o.good_topics >= o.topics;
    qualities_[i] = 3 * random_.uniform() - (good ? 0 : 3);
    float* item = state_.items.data() + i * (o.topics + 1);
    item[topics_[i]] = 1;
    item[o.topics] = static_cast<float>(qualities_[i] / 3);
    state_.appeals[i] = static_cast<float>(std::exp(2 * interests_[topics_[i]]));
  }
  state_.null_appeal = 1;
  state_.done = budget_ <= 0 || step_ >= o.steps_max;
}

const SlateState& InterestSimulator::begin(std::uint64_t seed) {
  random_ = Random(seed);
  step_ = 0;
  budget_ = options_.budget;
  interests_.resize(options_.topics);
  for (std::size_t t = 0; t < options_.topics; ++t) {
    // People come with a taste for what does not do them good.
    const bool good = t + options_.good_topics >= options_.topics;
    interests_[t] = std::clamp(2 * random_.uniform() - (good ? 1.3 : 0.7), -1.0, 1.0);
  }
  see();
  return state_;
}

void InterestSimulator::look_at(std::uint32_t item) {
  double& interest = interests_[topics_[item]];
  const double change = options_.movement * (1 - std::fabs(interest));
  const bool liked = random_.uniform() < (interest + 1) / 2;
  interest = std::clamp(interest + (liked ? change : -change), -1.0, 1.0);
  const double given_back = std::max(0.0, options_.stretch * qualities_[item] / 3);
  budget_ -= options_.item_cost * (1 - given_back);
}

SlateOutcome InterestSimulator::show(std::span<const std::uint32_t> slate) {
  const std::uint32_t chosen = draw_choice(slate, state_, random_);
  const bool none = chosen == options_.candidates;
  if (none) {
    budget_ -= options_.idle_cost;
  } else {
    look_at(chosen);
  }
  ++step_;
  see();
  return {.chosen = chosen, .reward = none ? 0.0 : 1.0};
}

}  // namespace attune::learn
