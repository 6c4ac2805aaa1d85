// Trains learn::QModel with libtorch: deep Q-learning with two networks (double), a dueling head, a
// replay buffer and a target network; slates by SlateQ's decomposition. No torch type leaves the
// source file.
// Source   Mnih et al., "Human-level control through deep reinforcement learning", 2015; Hasselt
//          et al., "Double Q-learning", 2016; Wang et al., "Dueling networks", 2016; Ie
//          et al., "SlateQ", IJCAI 2019, section 4.
#pragma once

#include <cstdint>

#include "learn/progress.h"
#include "learn/q_model.h"
#include "learn/slate_environment.h"

namespace attune::neural {

struct QParams {
  std::uint32_t hidden = 64;
  double discount = 0.95;         // of the next step, 0 .. 1
  double rate = 2e-3;             // of Adam; falls to 0 along a line
  std::uint32_t steps = 20'000;   // of learning; in a simulator also of acting
  std::uint32_t batch = 64;
  std::uint32_t replay = 20'000;  // newest steps kept
  std::uint32_t warm_up = 500;    // steps of random slates before learning
  double follow = 0.01;           // by which the target network moves to the other, a step
  double explore_begin = 1;       // share of random slates, at first
  double explore_end = 0.05;      // after half of the steps
  std::uint64_t seed = 1;
};

/// Acts in the environment and learns from it. Deterministic.
learn::QModel train_q_model(learn::SlateEnvironment& environment, const QParams& params,
                            const learn::ProgressSink& progress = {});

/// Learns from logged steps only, at least one.
learn::QModel train_q_model(const learn::LoggedSteps& log, const QParams& params,
                            const learn::ProgressSink& progress = {});

/// Untrained weights made with the seed, and what torch makes of a state with them: what tests hold
/// the other forward pass against. The values are of the candidates and of nothing chosen.
struct ReferenceValues {
  learn::QWeights weights;
  std::vector<float> values;
};
ReferenceValues reference_values(const learn::SlateShape& shape, const QParams& params,
                                 const learn::SlateState& state);

}  // namespace attune::neural
