// What a slate policy acts in: a person in some state, some candidates, a slate shown, one item of
// it chosen or none. Simulators stand behind it; logged sessions have the same parts.
// Source   Ie et al., "SlateQ", IJCAI 2019; Ie et al., "RecSim", 2019 (arXiv 1909.04847).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "base/random.h"
#include "base/result.h"

namespace attune::learn {

struct SlateShape {
  std::size_t state_features = 0;
  std::size_t item_features = 0;
  std::size_t candidates = 0;  // the same number at every step
  std::size_t slate = 1;       // items shown at once
  bool operator==(const SlateShape&) const = default;
};

/// What the policy sees. An item is chosen with appeal / (sum of the slate's + null_appeal).
struct SlateState {
  std::vector<float> person;   // state_features
  std::vector<float> items;    // candidates x item_features
  std::vector<float> appeals;  // candidates, > 0
  float null_appeal = 0;       // of choosing nothing; 0: something is always chosen
  bool done = false;           // the session is over: nothing is shown any more
};

struct SlateOutcome {
  std::uint32_t chosen = 0;  // candidate, or `candidates` for none
  double reward = 0;
};

struct SlateStep {
  SlateState before;
  SlateOutcome outcome;
  SlateState after;
};

class SlateEnvironment {
 public:
  virtual ~SlateEnvironment() = default;
  virtual SlateShape shape() const = 0;
  /// A new person. The same seed gives the same session to the same policy.
  virtual const SlateState& begin(std::uint64_t seed) = 0;
  /// slate    shape().slate different candidates; not after the session is done.
  virtual SlateOutcome show(std::span<const std::uint32_t> slate) = 0;
  /// What is seen after `show`.
  virtual const SlateState& now() const = 0;
};

using SlatePolicy = std::function<std::vector<std::uint32_t>(const SlateState&)>;

/// The sum of rewards of each of `count` sessions, seeds first_seed, first_seed + 1, ...
std::vector<double> play(SlateEnvironment& environment, const SlatePolicy& policy,
                         std::uint64_t first_seed, std::size_t count);

/// The `count` candidates whose slate is worth most under the choice model:
/// sum appeal * value / sum appeal, both with `null`. Exact, by Dinkelbach's iteration.
/// Source   Dinkelbach, "On nonlinear fractional programming", 1967.
std::vector<std::uint32_t> best_slate(std::span<const float> values,
                                      std::span<const float> appeals, float null_value,
                                      float null_appeal, std::size_t count);

/// What the slate is worth under the choice model.
double slate_value(std::span<const std::uint32_t> slate, std::span<const float> values,
                   std::span<const float> appeals, float null_value, float null_appeal);

/// The most appealing candidates: what looks one step ahead only.
std::vector<std::uint32_t> most_appealing(const SlateState& state, std::size_t count);

/// A draw of the choice model.
std::uint32_t draw_choice(std::span<const std::uint32_t> slate, const SlateState& state,
                          Random& random);

/// A standard normal number (Box and Muller).
double draw_normal(Random& random);

/// Steps as one artefact, to be trained from.
/// Errors   as write_artefact, read_artefact; data_loss also: the steps are not of one shape.
[[nodiscard]] Result<void> save_steps(FileSystem& files, const SlateShape& shape,
                                      std::span<const SlateStep> steps, const std::string& path);
struct LoggedSteps {
  SlateShape shape;
  std::vector<SlateStep> steps;
};
[[nodiscard]] Result<LoggedSteps> load_steps(FileSystem& files, const std::string& path);

}  // namespace attune::learn
