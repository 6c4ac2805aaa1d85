// A small world for the tests of bandits.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "base/random.h"
#include "learn/bandit.h"
#include "learn/bytes.h"

namespace attune::learn {

inline BanditOptions small_options(BanditKind kind) {
  BanditOptions options;
  options.kind = kind;
  options.context_size = 3;
  options.feature_size = 4;
  options.refactor_every = 7;
  options.batch = 5;
  options.batches_open = 4;
  options.arms_max = 20;
  return options;
}

inline std::unique_ptr<Bandit> small_bandit(BanditKind kind) {
  auto made = make_bandit(small_options(kind));
  return std::move(*made);
}

/// Numbers of one visitor and of some candidates.
struct Situation {
  std::vector<float> context;
  std::vector<std::vector<float>> features;
  std::vector<BanditArm> arms;
};

inline Situation make_situation(Random& random, std::size_t candidates) {
  Situation made;
  made.context = {1};
  for (int i = 1; i < 3; ++i) made.context.push_back(static_cast<float>(random.uniform() - 0.5));
  for (std::size_t a = 0; a < candidates; ++a) {
    std::vector<float>& of_arm = made.features.emplace_back(std::vector<float>{1});
    for (int i = 1; i < 4; ++i) of_arm.push_back(static_cast<float>(random.uniform() - 0.5));
  }
  for (std::size_t a = 0; a < candidates; ++a) {
    made.arms.push_back({static_cast<ArmKey>(100 + a), made.features[a]});
  }
  return made;
}

/// A click or none, more likely the more the context's second number and the feature's agree.
inline double make_reward(const Situation& in, std::size_t arm, Random& random) {
  const double liking =
      -1 + 6 * static_cast<double>(in.context[1]) * static_cast<double>(in.features[arm][1]);
  return random.uniform() < 1 / (1 + std::exp(-liking)) ? 1 : 0;
}

inline void teach(Bandit& bandit, std::uint64_t seed, int examples) {
  Random random(seed);
  for (int i = 0; i < examples; ++i) {
    const Situation in = make_situation(random, 6);
    const std::size_t arm = random.below(6);
    const BanditExample example{.arm = in.arms[arm].key,
                                .context = in.context,
                                .features = in.features[arm],
                                .reward = make_reward(in, arm, random)};
    if (!bandit.update(example)) std::abort();
  }
}

inline std::string bytes_of(const Bandit& bandit) {
  ByteWriter out;
  bandit.write(out);
  return out.bytes();
}

/// Upper tail of a chi-square variable, by Wilson and Hilferty's normal approximation.
inline double chi_square_tail(double value, double degrees) {
  const double z =
      (std::cbrt(value / degrees) - (1 - 2 / (9 * degrees))) / std::sqrt(2 / (9 * degrees));
  return 0.5 * std::erfc(z / std::sqrt(2));
}

}  // namespace attune::learn
