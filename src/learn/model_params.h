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

/// A causal self-attention model over the items of a visit, trained by the program attune-neural.
/// Source   Kang and McAuley, "Self-attentive sequential recommendation", 2018; the losses:
///          Klenitskiy and Vasilev, "Turning dross into gold loss", 2023 (sampled softmax), Petrov
///          and Macdonald, "gSASRec", 2023 (gBCE).
struct NeuralParams {
  std::uint32_t dimension = 64;
  std::uint32_t blocks = 1;
  std::uint32_t heads = 1;           // divides dimension
  std::uint32_t length = 20;         // newest items of a visit that are looked at
  double dropout = 0.2;              // 0 .. 0.9
  std::uint32_t negatives = 2048;    // drawn for each batch; 0: every item is a negative
  double calibration = 0;            // t of gBCE; 0: softmax instead
  double scale = 0;                  // cosines times it are the logits; 0: dot products are
  double rate = 1e-3;                // of Adam
  double decay = 0;                  // of weights, decoupled
  std::uint32_t batch = 128;         // visits in one step
  std::uint32_t epochs = 30;         // at most
  std::uint32_t patience = 3;        // epochs without a better MRR; 0: exactly `epochs` of them
  double recency_days = 0;           // visits weigh exp(-age / recency_days); 0: all the same
  std::uint32_t seed = 1;
  bool operator==(const NeuralParams&) const = default;
};

/// How lists of related items (item_to_item, ease, graph, content) are kept and added up.
struct RelatedParams {
  std::uint32_t kept = 100;           // strongest related items of each item
  std::uint32_t last_items = 10;      // newest items of the visit whose lists are added up
  double last_decay = 0.5;            // factor for each step back
  std::uint32_t history_items = 20;   // newest items from before the visit
  double history_weight = 0.05;       // of each of their lists
  bool operator==(const RelatedParams&) const = default;
};

struct ItemToItemParams {
  double significance = 6.63;         // least log-likelihood ratio of a pair; 6.63: chance 1 in 100
  double lift_power = 0.3;            // 0: share of people; 1: share by the other item's own share
  double bought_weight = 2;           // of pairs bought, beside 1 for pairs looked at
  std::uint32_t person_items = 100;   // newest items of a person that make pairs
  bool operator==(const ItemToItemParams&) const = default;
};

struct EaseListParams {
  double lambda = 100;
  std::uint32_t items = 6'000;        // most taken ones: time grows with the cube of it
  std::uint32_t person_items = 200;
  bool operator==(const EaseListParams&) const = default;
};

struct CollaborativeParams {
  std::uint32_t factors = 64;
  std::uint32_t epochs = 16;
  double unobserved = 0.1;
  double lambda = 0.003;
  std::uint32_t items = 20'000;       // most taken ones: an answer looks at all of them
  std::uint32_t person_items = 200;
  std::uint32_t last_items = 30;      // of visit and history that a person's factors are made of
  bool operator==(const CollaborativeParams&) const = default;
};

struct GraphParams {
  double restart = 0.3;               // chance that a walk begins anew at a step
  double residue = 3e-4;              // share of walks at a node that is not followed further
  double category_share = 0.05;       // of steps from an item that go to its category
  double brand_share = 0.02;          // ... to its brand; the rest goes to people
  double popularity_power = 0.2;      // weight is divided by takers ^ this
  std::uint32_t person_items = 100;
  bool operator==(const GraphParams&) const = default;
};

struct ContentParams {
  double name_weight = 1;
  double category_weight = 2;
  double brand_weight = 1;
  double label_weight = 1;
  double embedding_share = 0.5;       // of the similarity, where the catalogue has embeddings
  std::uint32_t exact_items = 20'000; // up to so many all pairs are looked at
  bool operator==(const ContentParams&) const = default;
};

struct TrendingParams {
  double half_life_hours = 24;        // of a visit that counts as now
  double long_days = 30;              // half life of a visit in the long-run rate
  double prior_visits = 2;            // keeps one visit of a rare item from being a trend
  bool operator==(const TrendingParams&) const = default;
};

/// LambdaMART over the other strategies' candidates, trained by the program attune-neural.
/// Source   Burges, "From RankNet to LambdaRank to LambdaMART", 2010; XGBoost's rank:ndcg.
struct LearnedBlendParams {
  std::uint32_t trees = 100;
  std::uint32_t depth = 5;
  double rate = 0.1;                  // what each tree adds counts so much
  double leaf_weight = 1;             // least sum of second derivatives in a leaf
  double rows = 1;                    // share of the candidates that each tree sees
  std::uint32_t candidates = 50;      // of each strategy
  double share = 0.2;                 // newest visits that the trees learn from
  std::uint32_t decisions = 10'000;   // at most, the newest ones
  bool ease = false;                  // whether EASE is one of the strategies
  std::uint32_t seed = 1;
  bool operator==(const LearnedBlendParams&) const = default;
};

/// Values are in artefacts: never renumber.
enum class Algorithm : std::uint8_t {
  popularity = 0,
  neighbours = 1,
  transitions = 2,
  blend = 3,
  neural = 4,
  lambdamart = 5,
  item_to_item = 8,
  ials = 9,
  ease = 10,
  graph = 11,
  content = 12,
  trending = 13,
};

/// Whether only the program attune-neural trains it.
inline bool needs_program(Algorithm algorithm) {
  return algorithm == Algorithm::neural || algorithm == Algorithm::lambdamart;
}

/// "neighbours", "item_to_item", ...: as parse_params reads it.
std::string_view name_of(Algorithm algorithm);

struct ModelParams {
  Algorithm algorithm = Algorithm::neighbours;
  NeighbourParams neighbours;
  TransitionParams transitions;
  double transition_weight = 0.2;  // blend: share of transitions, 0 .. 1; the rest is neighbours
  double half_life_days = 7;       // popularity
  NeuralParams neural;
  RelatedParams related;
  ItemToItemParams item_to_item;
  EaseListParams ease;
  CollaborativeParams collaborative;
  GraphParams graph;
  ContentParams content;
  TrendingParams trending;
  LearnedBlendParams learned_blend;
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

/// What an algorithm is trained with unless told otherwise.
ModelParams params_of(Algorithm algorithm);

/// Reads "NAME" or "NAME:key=value,key=value"; NAME is an algorithm (popularity, neighbours, ...)
/// or a preset (published, vmis, stan, vsknn, default); keys not given keep the preset's value.
///
/// Errors   invalid_argument: unknown name or key, or a value out of its range; says which are
///          known.
[[nodiscard]] Result<ModelParams> parse_params(std::string_view text);

}  // namespace attune::learn
