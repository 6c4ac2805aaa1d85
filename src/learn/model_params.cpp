#include "learn/model_params.h"

#include <array>
#include <charconv>
#include <cmath>
#include <span>
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
constexpr std::array<std::string_view, 4> kAlgorithms{"popularity", "neighbours", "transitions",
                                                      "blend"};

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
  if (params.algorithm == Algorithm::popularity) {
    add({{"half_life_days", &params.half_life_days, 1e-3, 1e4}});
  }
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
  for (std::size_t i = 0; i < kAlgorithms.size(); ++i) {
    if (kAlgorithms[i] != name) continue;
    ModelParams params;
    params.algorithm = static_cast<Algorithm>(i);
    return params;
  }
  return fail(ErrorCode::invalid_argument,
              fmt::format("unknown model '{}'; known are default, published, vmis, stan, vsknn, {}",
                          name, joined(kAlgorithms)),
              "model");
}

}  // namespace

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
  std::string text{kAlgorithms[static_cast<std::size_t>(params.algorithm)]};
  char separator = ':';
  for (const Field& field : fields_of(copy)) {
    text += fmt::format("{}{}={}", separator, field.key, text_of(field, ""));
    separator = ',';
  }
  return text;
}

std::string to_json(const ModelParams& params) {
  ModelParams copy = params;
  std::string text = fmt::format("{{\"algorithm\":\"{}\"",
                                 kAlgorithms[static_cast<std::size_t>(params.algorithm)]);
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
  return params;
}

}  // namespace attune::learn
