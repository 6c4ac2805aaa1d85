#include "learn/tune_strategy.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/random.h"
#include "learn/held_out.h"
#include "learn/site_evaluation.h"
#include "learn/strategy.h"

namespace attune::learn {
namespace {

// One winner may be an accident of the validation data.
constexpr std::size_t kParents = 3;
constexpr std::uint32_t kPatienceMin = 8;

/// A parameter by its name in texts. Ranges lie around what was published to work.
struct Knob {
  std::string_view key;
  double low = 0;   // 0: drawn evenly, else evenly by its logarithm
  double high = 0;
  bool whole = false;
};

constexpr std::array kSequentialKnobs{
    Knob{"last", 2, 12, true},     Knob{"m", 200, 5000, true},  Knob{"k", 40, 1000, true},
    Knob{"distance", 0, 8},        Knob{"backward", 0, 1},      Knob{"recency_days", 0, 90},
    Knob{"idf_power", 0, 2},       Knob{"idf_added", 0, 8},     Knob{"t_steps", 1, 20, true},
    Knob{"t_last", 1, 6, true},    Knob{"t_decay", 0, 1},       Knob{"t_recency_days", 0, 90},
    Knob{"t_weight", 0, 0.6},
};
constexpr std::array kPairKnobs{
    Knob{"significance", 0.5, 30}, Knob{"lift_power", 0, 1},    Knob{"bought_weight", 0.5, 8},
    Knob{"last", 1, 20, true},     Knob{"decay", 0.1, 1},       Knob{"history_weight", 0.005, 1},
};
constexpr std::array kIalsKnobs{
    Knob{"factors", 16, 128, true}, Knob{"unobserved", 0.01, 1}, Knob{"lambda", 3e-4, 0.1},
    Knob{"last", 5, 100, true},
};
constexpr std::array kEaseKnobs{
    Knob{"lambda", 5, 2000},       Knob{"last", 1, 20, true},   Knob{"decay", 0.1, 1},
    Knob{"history_weight", 0.005, 1},
};
constexpr std::array kGraphKnobs{
    Knob{"restart", 0.05, 0.8},    Knob{"category_share", 0, 0.4}, Knob{"brand_share", 0, 0.4},
    Knob{"popularity_power", 0, 0.8}, Knob{"last", 1, 20, true},   Knob{"decay", 0.1, 1},
    Knob{"history_weight", 0.005, 1},
};
constexpr std::array kContentKnobs{
    Knob{"name_weight", 0.1, 5},   Knob{"category_weight", 0.1, 5}, Knob{"brand_weight", 0.1, 5},
    Knob{"label_weight", 0.1, 5},  Knob{"last", 1, 20, true},       Knob{"decay", 0.1, 1},
    Knob{"history_weight", 0.005, 1},
};
constexpr std::array kTrendingKnobs{
    Knob{"half_life_hours", 1, 168}, Knob{"long_days", 5, 120},  Knob{"prior_visits", 0.3, 30},
};

std::span<const Knob> knobs_of(const ModelParams& params) {
  switch (params.algorithm) {
    case Algorithm::blend:
      return kSequentialKnobs;
    case Algorithm::item_to_item:
      return kPairKnobs;
    case Algorithm::ials:
      return kIalsKnobs;
    case Algorithm::ease:
      return kEaseKnobs;
    case Algorithm::graph:
      return kGraphKnobs;
    case Algorithm::content:
      return kContentKnobs;
    case Algorithm::trending:
      return kTrendingKnobs;
    default:
      return {};
  }
}

/// The value of a key in what to_text(ModelParams) makes.
double value_in(std::string_view text, std::string_view key) {
  for (const char before : {':', ','}) {
    const std::size_t at = text.find(fmt::format("{}{}=", before, key));
    if (at == std::string_view::npos) continue;
    const std::string_view digits = text.substr(at + key.size() + 2);
    double value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
  }
  return 0;
}

double drawn(const Knob& knob, Random& random) {
  if (knob.low == 0) return knob.high * random.uniform();
  return knob.low * std::pow(knob.high / knob.low, random.uniform());
}

/// `parent` with one to three parameters drawn anew or moved by up to a third.
Result<ModelParams> step_from(const ModelParams& parent, std::span<const Knob> knobs,
                              Random& random) {
  const std::string text = to_text(parent);
  std::string changed = text;
  for (std::size_t turns = 1 + random.below(3); turns > 0; --turns) {
    const Knob& knob = knobs[random.below(knobs.size())];
    const double old = value_in(text, knob.key);
    const double moved = old * std::exp(0.6 * (random.uniform() - 0.5));
    const double value =
        std::clamp(random.uniform() < 0.5 ? drawn(knob, random) : moved, knob.low, knob.high);
    changed += knob.whole ? fmt::format(",{}={}", knob.key, std::lround(value))
                          : fmt::format(",{}={:.3g}", knob.key, value);
  }
  return parse_params(changed);   // of a key twice the last one counts
}

struct Trial {
  ModelParams params;
  double value = 0;
};

class Search {
 public:
  Search(const TrainingData& known, Protocol protocol) : known_(known) {
    options_.protocol = protocol;
    options_.bootstrap.resamples = 0;
    options_.choose_repeats = false;   // chosen when it is trained
  }

  /// Returns  whether it is better than all before.
  Result<bool> measure(const ModelParams& params) {
    ATTUNE_ASSIGN(const SiteEvaluation measured, evaluate_models(known_, {params}, options_));
    const auto by = static_cast<std::size_t>(measured.judged_by);
    const double value = measured.strategies.front().means[by].value;
    const bool is_best = trials_.empty() || value > trials_.front().value;
    trials_.push_back({params, value});
    std::ranges::stable_sort(trials_,
                             [](const Trial& a, const Trial& b) { return a.value > b.value; });
    return is_best;
  }

  const Trial& best() const { return trials_.front(); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(trials_.size()); }
  const ModelParams& parent(Random& random) const {
    return trials_[random.below(std::min(kParents, trials_.size()))].params;
  }

 private:
  const TrainingData& known_;
  SiteEvaluationOptions options_;
  std::vector<Trial> trials_;   // best first
};

/// What is learned from and validated on: all but the visits that models are judged on.
TrainingData known_part(const TrainingData& data) {
  return {slice(data.log, 0, held_out_begin(data.log)), data.catalogue};
}

Protocol protocol_for(const TrainingData& known, const ModelParams& params) {
  if (!knows_people(params)) return Protocol::next_item;
  const auto people = split_visits(known.log, Protocol::time);
  return people && people->units >= kPeopleMin ? Protocol::time : Protocol::next_item;
}

}  // namespace

Result<TunedStrategy> tune_strategy(const TrainingData& data, const TuneStrategyOptions& options,
                                    const ProgressSink& progress) {
  const auto start = std::chrono::steady_clock::now();
  ATTUNE_ASSIGN(const ModelParams usual, default_params_of(options.strategy));
  const std::span<const Knob> knobs = knobs_of(usual);
  if (knobs.empty()) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("strategy {} has nothing to tune here", options.strategy), "strategy");
  }
  const TrainingData known = known_part(data);
  if (known.log.session_count() < 2) {
    return fail(ErrorCode::failed_precondition, "the site has too few visits to tune on");
  }
  TunedStrategy result;
  result.strategy = options.strategy;
  result.protocol = protocol_for(known, usual);
  Search search(known, result.protocol);
  Random random(options.seed);
  ATTUNE_TRY(search.measure(usual));
  result.default_value = search.best().value;
  const std::uint32_t patience = std::max(kPatienceMin, options.trials / 3);
  result.stopped = "all trials are done";
  std::uint32_t since_best = 0;
  while (search.count() < options.trials) {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    if (took.count() >= options.seconds) {
      result.stopped = "its time was up";
      break;
    }
    if (since_best == patience) {
      result.stopped = fmt::format("the last {} trials found nothing better", patience);
      break;
    }
    if (progress) {
      progress(fmt::format("trial {}, best {:.4f}", search.count() + 1, search.best().value),
               static_cast<double>(search.count()) / options.trials);
    }
    ATTUNE_ASSIGN(const ModelParams params, step_from(search.parent(random), knobs, random));
    ATTUNE_ASSIGN(const bool is_best, search.measure(params));
    since_best = is_best ? 0 : since_best + 1;
  }
  result.params = search.best().params;
  result.value = search.best().value;
  result.trials = search.count();
  result.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

std::string to_text(const TunedStrategy& tuned) {
  return fmt::format(
      "{}: {} {:.4f} on validation data, the default {:.4f}; {} trials in {:.0f} s: {}\n{}\n",
      tuned.strategy, asks_of_people(tuned.protocol) ? "NDCG@20 of people" : "MRR@20 of visits",
      tuned.value, tuned.default_value, tuned.trials, tuned.seconds, tuned.stopped,
      to_text(tuned.params));
}

std::string to_json(const TunedStrategy& tuned) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.key("strategy");
  json.text(tuned.strategy);
  json.key("protocol");
  json.text(to_string(tuned.protocol));
  json.key("params");
  json.text(to_text(tuned.params));
  json.key("value");
  json.number(tuned.value);
  json.key("default_value");
  json.number(tuned.default_value);
  json.key("better");
  json.boolean(tuned.is_better());
  json.key("trials");
  json.unsigned_integer(tuned.trials);
  json.key("stopped");
  json.text(tuned.stopped);
  json.key("seconds");
  json.number(tuned.seconds);
  json.end_object();
  return out;
}

}  // namespace attune::learn
