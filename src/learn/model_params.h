// Hyperparameters of the session models, as values that can be written, read, searched and logged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attune::learn {

/// Weight of the item at position p (1 .. L, L the newest) of the current visit.
enum class PositionWeight : std::uint8_t {
  linear,       // p / L
  quadratic,    // (p / L)^2
  logarithmic,  // 1 / log10(L - p + 1.7)
  exponential,  // exp((p - L) / position_scale)
  flat,         // 1
};

/// How a neighbour's items fade with the steps s (1, 2, ..) back to the newest item it shares.
enum class StepDecay : std::uint8_t {
  linear,       // 1 - 0.1 s, not below 0
  reciprocal,   // 1 / s
  quadratic,    // 1 / s^2
  logarithmic,  // 1 / log10(s + 1.7)
  flat,         // 1
};

/// What the sum of shared weights is divided by.
enum class Similarity : std::uint8_t {
  dot,     // nothing that differs between neighbours
  cosine,  // sqrt(number of items of the neighbour)
};

/// Nearest earlier visits. VMIS-kNN, VS-kNN and STAN are settings of this one family.
/// Source   Ludewig and Jannach, "Evaluation of session-based recommendation algorithms", 2018
///          (VS-kNN); Garg et al., "Sequence and time aware neighborhood", 2019 (STAN); Kersbergen
///          et al., "Serenade", 2022 (VMIS-kNN). The factors may be combined, which is where we go
///          further.
struct NeighbourParams {
  std::uint32_t last_items = 4;           // newest items of the visit looked at; 0: all
  std::uint32_t sampled_sessions = 1500;  // m: the newest visits that share an item
  std::uint32_t neighbours = 300;         // k: of these, the most similar
  PositionWeight position = PositionWeight::linear;
  double position_scale = 1;  // items; > 0; for PositionWeight::exponential
  Similarity similarity = Similarity::dot;
  StepDecay step = StepDecay::linear;
  double recency_days = 0;       // exp(-age / recency_days); 0: off
  double distance_scale = 0;     // exp(-|pos_i - pos_shared| / scale), in items; 0: off
  bool last_shared = false;      // pos_shared: of the last shared item in the neighbour, not of
                                 // the visit's newest
  double backward_weight = 1;    // factor on items that lie before the shared one, 0 .. 1
  bool idf_of_sessions = false;  // idf = ln(sessions / clicks of the item), not of all clicks
  double idf_power = 1;          // idf^power as a factor; 0: off
  double idf_added = 0;          // factor 1 + idf_added * idf; 0: off
  bool operator==(const NeighbourParams&) const = default;
};

/// What follows what: pairs (a, b) with b up to `steps` items after a (sequential rules).
struct TransitionParams {
  std::uint32_t steps = 10;  // 1: a Markov chain
  StepDecay step = StepDecay::reciprocal;
  std::uint32_t kept = 100;      // strongest followers kept for an item
  std::uint32_t last_items = 1;  // newest items of the visit whose rows are added up
  double last_decay = 0.5;       // factor for each step back
  double recency_days = 0;       // pairs fade as exp(-age / recency_days); 0: off
  bool operator==(const TransitionParams&) const = default;
};

enum class Algorithm : std::uint8_t { popularity, neighbours, transitions, blend };

struct ModelParams {
  Algorithm algorithm = Algorithm::neighbours;
  NeighbourParams neighbours;
  TransitionParams transitions;
  double transition_weight = 0.2;  // blend: share of transitions, 0 .. 1; the rest is neighbours
  double half_life_days = 7;       // popularity
  bool drop_current = true;
  bool drop_seen = false;
  bool operator==(const ModelParams&) const = default;
};

/// The configuration whose numbers are published: VMIS-kNN, m = 500, k = 50, last 2 items, idf.
ModelParams published_params();
/// Plain STAN with the three scales of its authors' defaults.
ModelParams stan_params();
/// VS-kNN: quadratic positions, reciprocal steps, idf added with factor 5.
ModelParams vsknn_params();
/// What Attune trains with unless told otherwise: found by `tune_sessions` (docs/recommenders.md).
ModelParams default_params();

/// "neighbours:last=4,m=1500,k=300,position=linear,...": what `parse_params` reads, all fields.
std::string to_text(const ModelParams& params);
/// The same as a JSON object, for ml_models.hyperparameters.
std::string to_json(const ModelParams& params);

/// Reads "NAME" or "NAME:key=value,key=value"; NAME is popularity, neighbours, transitions, blend,
/// or a preset (published, vmis, stan, vsknn, default); keys not given keep the preset's value.
///
/// Errors   invalid_argument: unknown name or key, or a value out of its range; says which are
///          known.
[[nodiscard]] Result<ModelParams> parse_params(std::string_view text);

}  // namespace attune::learn
