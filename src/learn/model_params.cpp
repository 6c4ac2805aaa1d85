#include "learn/model_params.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>

namespace attune::learn {
namespace {

constexpr std::array<std::string_view, 5> kPositions{"linear", "quadratic", "logarithmic",
                                                     "exponential", "flat"};
constexpr std::array<std::string_view, 5> kSteps{"linear", "reciprocal", "quadratic", "logarithmic",
                                                 "flat"};
constexpr std::array<std::string_view, 2> kSimilarities{"dot", "cosine"};
constexpr std::array<std::pair<Algorithm, std::string_view>, 12> kAlgorithms{{
    {Algorithm::popularity, "popularity"},
    {Algorithm::neighbours, "neighbours"},
    {Algorithm::transitions, "transitions"},
    {Algorithm::blend, "blend"},
    {Algorithm::neural, "neural"},
    {Algorithm::item_to_item, "item_to_item"},
    {Algorithm::ials, "ials"},
    {Algorithm::ease, "ease"},
    {Algorithm::graph, "graph"},
    {Algorithm::content, "content"},
    {Algorithm::trending, "trending"},
    {Algorithm::lambdamart, "lambdamart"},
}};

/// One named parameter: where it lies, and what it may be. Texts, JSON and the reader all use the
/// table.
struct Field {
  std::string_view key;
  std::variant<std::uint32_t*, double*, bool*, PositionWeight*, StepDecay*, Similarity*> value;
  double low = 0;
  double high = 0;
};

std::vector<Field> neighbour_fields(NeighbourParams& n) {
  return {
      {"last", &n.last_items, 0, 1000},
      {"m", &n.sampled_sessions, 1, 1e6},
      {"k", &n.neighbours, 1, 1e5},
      {"position", &n.position},
      {"position_scale", &n.position_scale, 1e-3, 1e3},
      {"similarity", &n.similarity},
      {"step", &n.step},
      {"recency_days", &n.recency_days, 0, 1e4},
      {"distance", &n.distance_scale, 0, 1e3},
      {"last_shared", &n.last_shared},
      {"backward", &n.backward_weight, 0, 1},
      {"idf_of_sessions", &n.idf_of_sessions},
      {"idf_power", &n.idf_power, 0, 8},
      {"idf_added", &n.idf_added, 0, 100},
  };
}

std::vector<Field> transition_fields(TransitionParams& t) {
  return {
      {"t_steps", &t.steps, 1, 1000},   {"t_step", &t.step},
      {"t_kept", &t.kept, 1, 1e5},      {"t_last", &t.last_items, 1, 100},
      {"t_decay", &t.last_decay, 0, 1}, {"t_recency_days", &t.recency_days, 0, 1e4},
  };
}

std::vector<Field> neural_fields(NeuralParams& n) {
  return {
      {"dimension", &n.dimension, 4, 1024}, {"blocks", &n.blocks, 1, 8},
      {"heads", &n.heads, 1, 16},           {"length", &n.length, 1, 200},
      {"dropout", &n.dropout, 0, 0.9},      {"negatives", &n.negatives, 0, 65'536},
      {"calibration", &n.calibration, 0, 1}, {"scale", &n.scale, 0, 100},
      {"rate", &n.rate, 1e-6, 1},           {"decay", &n.decay, 0, 1},
      {"batch", &n.batch, 1, 4096},         {"epochs", &n.epochs, 1, 1000},
      {"patience", &n.patience, 0, 1000},   {"recency_days", &n.recency_days, 0, 1e4},
      {"seed", &n.seed, 0, 4e9},
  };
}

std::vector<Field> learned_blend_fields(LearnedBlendParams& b) {
  return {
      {"trees", &b.trees, 1, 2000},
      {"depth", &b.depth, 1, 12},
      {"rate", &b.rate, 1e-3, 1},
      {"leaf_weight", &b.leaf_weight, 0, 1e6},
      {"rows", &b.rows, 0.01, 1},
      {"candidates", &b.candidates, 1, 1000},
      {"share", &b.share, 0.01, 0.9},
      {"decisions", &b.decisions, 1, 1e6},
      {"ease", &b.ease},
      {"seed", &b.seed, 0, 2e9},
  };
}

std::vector<Field> related_fields(RelatedParams& r) {
  return {
      {"kept", &r.kept, 1, 1e4},
      {"last", &r.last_items, 1, 1000},
      {"decay", &r.last_decay, 0, 1},
      {"history", &r.history_items, 0, 1000},
      {"history_weight", &r.history_weight, 0, 1},
  };
}

/// The fields of an algorithm that is not a session model.
std::vector<Field> own_fields(ModelParams& params) {
  ItemToItemParams& pairs = params.item_to_item;
  EaseListParams& ease = params.ease;
  CollaborativeParams& ials = params.collaborative;
  GraphParams& graph = params.graph;
  ContentParams& content = params.content;
  TrendingParams& trending = params.trending;
  switch (params.algorithm) {
    case Algorithm::popularity:
      return {{"half_life_days", &params.half_life_days, 1e-3, 1e4}};
    case Algorithm::item_to_item:
      return {{"significance", &pairs.significance, 0, 1e3},
              {"lift_power", &pairs.lift_power, 0, 1},
              {"bought_weight", &pairs.bought_weight, 0, 100},
              {"person_items", &pairs.person_items, 2, 1000}};
    case Algorithm::ease:
      return {{"lambda", &ease.lambda, 1e-3, 1e6},
              {"items", &ease.items, 1, 12'000},
              {"person_items", &ease.person_items, 2, 1000}};
    case Algorithm::ials:
      return {{"factors", &ials.factors, 1, 512},
              {"epochs", &ials.epochs, 1, 200},
              {"unobserved", &ials.unobserved, 1e-6, 10},
              {"lambda", &ials.lambda, 1e-6, 10},
              {"items", &ials.items, 1, 200'000},
              {"person_items", &ials.person_items, 2, 1000},
              {"last", &ials.last_items, 1, 1000}};
    case Algorithm::graph:
      return {{"restart", &graph.restart, 0.01, 0.99},
              {"residue", &graph.residue, 1e-6, 0.1},
              {"category_share", &graph.category_share, 0, 0.45},
              {"brand_share", &graph.brand_share, 0, 0.45},
              {"popularity_power", &graph.popularity_power, 0, 1},
              {"person_items", &graph.person_items, 2, 1000}};
    case Algorithm::content:
      return {{"name_weight", &content.name_weight, 0, 100},
              {"category_weight", &content.category_weight, 0, 100},
              {"brand_weight", &content.brand_weight, 0, 100},
              {"label_weight", &content.label_weight, 0, 100},
              {"embedding_share", &content.embedding_share, 0, 1},
              {"exact_items", &content.exact_items, 0, 1e5}};
    case Algorithm::trending:
      return {{"half_life_hours", &trending.half_life_hours, 0.1, 1e4},
              {"long_days", &trending.long_days, 0.1, 1e4},
              {"prior_visits", &trending.prior_visits, 1e-3, 1e6}};
    default:
      return {};
  }
}

/// The fields that the algorithm uses, in the order they are written.
std::vector<Field> fields_of(ModelParams& params) {
  std::vector<Field> fields;
  const auto add = [&](const std::vector<Field>& more) {
    fields.insert(fields.end(), more.begin(), more.end());
  };
  const bool blends = params.algorithm == Algorithm::blend;
  if (blends || params.algorithm == Algorithm::neighbours) {
    add(neighbour_fields(params.neighbours));
  }
  if (blends || params.algorithm == Algorithm::transitions) {
    add(transition_fields(params.transitions));
  }
  if (blends) add({{"t_weight", &params.transition_weight, 0, 1}});
  add(own_fields(params));
  if (params.algorithm == Algorithm::item_to_item || params.algorithm == Algorithm::ease ||
      params.algorithm == Algorithm::graph || params.algorithm == Algorithm::content) {
    add(related_fields(params.related));
  }
  if (params.algorithm == Algorithm::lambdamart) add(learned_blend_fields(params.learned_blend));
  if (params.algorithm == Algorithm::neural) add(neural_fields(params.neural));
  add({{"drop_current", &params.drop_current}, {"drop_seen", &params.drop_seen}});
  return fields;
}

template <class Enum>
std::span<const std::string_view> names_of();
template <>
std::span<const std::string_view> names_of<PositionWeight>() {
  return kPositions;
}
template <>
std::span<const std::string_view> names_of<StepDecay>() {
  return kSteps;
}
template <>
std::span<const std::string_view> names_of<Similarity>() {
  return kSimilarities;
}

/// The value as text; names are given `quote` on both sides.
std::string text_of(const Field& field, std::string_view quote) {
  return std::visit(
      [&](auto* value) -> std::string {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_enum_v<T>) {
          return fmt::format("{}{}{}", quote, names_of<T>()[static_cast<std::size_t>(*value)],
                             quote);
        } else {
          return fmt::format("{}", *value);
        }
      },
      field.value);
}

std::string joined(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", name);
  }
  return text;
}

Result<void> set_number(const Field& field, std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = std::holds_alternative<std::uint32_t*>(field.value);
  if (error != std::errc{} || end != text.data() + text.size() || !(number >= field.low) ||
      !(number <= field.high) || (whole && number != std::floor(number))) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{} must be a {} from {} to {}, not '{}'", field.key,
                            whole ? "whole number" : "number", field.low, field.high, text),
                std::string(field.key));
  }
  if (whole) {
    *std::get<std::uint32_t*>(field.value) = static_cast<std::uint32_t>(number);
  } else {
    *std::get<double*>(field.value) = number;
  }
  return {};
}

template <class T>
Result<void> set_name(const Field& field, T& value, std::string_view text) {
  const auto names = names_of<T>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != text) continue;
    value = static_cast<T>(i);
    return {};
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("{} must be one of {}; not '{}'", field.key, joined(names), text),
              std::string(field.key));
}

Result<void> set_field(const Field& field, std::string_view text) {
  return std::visit(
      [&](auto* value) -> Result<void> {
        using T = std::remove_pointer_t<decltype(value)>;
        if constexpr (std::is_enum_v<T>) {
          return set_name(field, *value, text);
        } else if constexpr (std::is_same_v<T, bool>) {
          if (text != "true" && text != "false") {
            return fail(ErrorCode::invalid_argument,
                        fmt::format("{} must be true or false, not '{}'", field.key, text),
                        std::string(field.key));
          }
          *value = text == "true";
          return {};
        } else {
          return set_number(field, text);
        }
      },
      field.value);
}

Result<ModelParams> preset(std::string_view name) {
  if (name == "default") return default_params();
  if (name == "published" || name == "vmis") return published_params();
  if (name == "stan") return stan_params();
  if (name == "vsknn") return vsknn_params();
  std::vector<std::string_view> known;
  for (const auto& [algorithm, text] : kAlgorithms) {
    if (text == name) return params_of(algorithm);
    known.push_back(text);
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("unknown model '{}'; known are default, published, vmis, stan, vsknn, {}",
                          name, joined(known)),
              "model");
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
  for (const auto& [known, name] : kAlgorithms) {
    if (known == algorithm) return name;
  }
  return "unknown";
}

ModelParams params_of(Algorithm algorithm) {
  ModelParams params;
  params.algorithm = algorithm;
  if (algorithm == Algorithm::ials) {
    // Chosen on the validation part of the bol.com data: a person of a shop takes few of many
    // items, so what they did not take says little (dense data wants 0.1 and more).
    params.collaborative.unobserved = 0.003;
    params.collaborative.lambda = 0.001;
    params.collaborative.epochs = 8;
  }
  return params;
}

ModelParams published_params() {
  ModelParams params;
  params.neighbours = {.last_items = 2, .sampled_sessions = 500, .neighbours = 50};
  return params;
}

ModelParams stan_params() {
  ModelParams params;
  params.drop_current = false;
  params.neighbours = {.last_items = 0,
                       .sampled_sessions = 5000,
                       .neighbours = 500,
                       .position = PositionWeight::exponential,
                       .position_scale = 1.02,
                       .similarity = Similarity::cosine,
                       .step = StepDecay::flat,
                       .recency_days = 5,
                       .distance_scale = 2.05,
                       .last_shared = true,
                       .idf_power = 0};
  return params;
}

ModelParams vsknn_params() {
  ModelParams params;
  params.drop_current = false;
  params.neighbours = {.last_items = 0,
                       .sampled_sessions = 5000,
                       .neighbours = 500,
                       .position = PositionWeight::quadratic,
                       .similarity = Similarity::cosine,
                       .step = StepDecay::reciprocal,
                       .idf_of_sessions = true,
                       .idf_power = 0,
                       .idf_added = 5};
  return params;
}

ModelParams default_params() {
  // The best of 3,000 trials on the validation part of the bol.com data, seed 1: bench/learn/tune.
  ModelParams params;
  params.algorithm = Algorithm::blend;
  params.neighbours = {.last_items = 9,
                       .sampled_sessions = 730,
                       .neighbours = 55,
                       .distance_scale = 0.95,
                       .backward_weight = 0.87,
                       .idf_power = 1.1,
                       .idf_added = 2.9};
  params.transitions = {.steps = 2, .last_items = 3, .last_decay = 0.26, .recency_days = 14};
  params.transition_weight = 0.32;
  return params;
}

std::string to_text(const ModelParams& params) {
  ModelParams copy = params;
  std::string text{name_of(params.algorithm)};
  char separator = ':';
  for (const Field& field : fields_of(copy)) {
    text += fmt::format("{}{}={}", separator, field.key, text_of(field, ""));
    separator = ',';
  }
  return text;
}

std::string to_json(const ModelParams& params) {
  ModelParams copy = params;
  std::string text = fmt::format("{{\"algorithm\":\"{}\"", name_of(params.algorithm));
  for (const Field& field : fields_of(copy)) {
    text += fmt::format(",\"{}\":{}", field.key, text_of(field, "\""));
  }
  return text + "}";
}

Result<ModelParams> parse_params(std::string_view text) {
  const std::size_t colon = text.find(':');
  ATTUNE_ASSIGN(ModelParams params, preset(text.substr(0, colon)));
  std::string_view rest = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  const std::vector<Field> fields = fields_of(params);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    const std::string_view key = pair.substr(0, equals);
    const Field* found = nullptr;
    std::string known;
    for (const Field& field : fields) {
      if (field.key == key) found = &field;
      known += fmt::format("{}{}", known.empty() ? "" : ", ", field.key);
    }
    if (found == nullptr || equals == std::string_view::npos) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("'{}' is not key=value of a parameter; known are {}", pair, known),
                  "model");
    }
    ATTUNE_TRY(set_field(*found, pair.substr(equals + 1)));
  }
  if (params.neural.dimension % params.neural.heads != 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("heads must divide dimension: {} and {}", params.neural.heads,
                            params.neural.dimension),
                "model");
  }
  return params;
}

}  // namespace attune::learn
