// All strategies of a site on the same questions of its own data: how good, how sure, and how much
// better the best is than each other.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "learn/bootstrap.h"
#include "learn/model_params.h"
#include "learn/neural_child.h"
#include "learn/progress.h"
#include "learn/protocol.h"
#include "learn/training_data.h"

namespace attune::learn {

/// Means over questions, of lists of kCutoff items.
enum class Measure : std::uint8_t {
  mrr,          // 1 / place of the first item that is wanted
  ndcg,         // discounted gain by the best possible
  hit_rate,     // whether an item that is wanted is in the list
  precision,    // ListQuality says what this and the following are
  recall,
  map,
  novelty,
  diversity,
  calibration,
};
inline constexpr std::size_t kMeasureCount = 9;
std::string_view name_of(Measure measure);

struct MeasuredMean {
  double value = 0;    // NaN: no list had one
  Interval interval;   // 95 %, percentile bootstrap by visit or person
};

struct StrategyQuality {
  std::string strategy;
  ModelParams params;
  std::array<MeasuredMean, kMeasureCount> means;   // by Measure
  double answered = 0;   // share of questions with an answer
  double coverage = 0;   // distinct items recommended / items; no interval: resamples have fewer
  double gini = 0;       // likewise
  double latency_p50_us = 0;
  double latency_p99_us = 0;
  double train_seconds = 0;
  std::uint64_t model_bytes = 0;
};

/// The best minus one other, on the same questions.
struct Lead {
  std::string strategy;   // the other
  std::array<MeasuredMean, kMeasureCount> differences;
  double not_better = 0;  // share of resamples in which the best is not better by `judged_by`
};

struct SiteEvaluationOptions {
  Protocol protocol = Protocol::next_item;
  std::vector<std::string> strategies;   // empty: all that train by default
  SplitOptions split;
  BootstrapOptions bootstrap{.resamples = 1000};
  std::string tuned_folder;              // params_for; empty: the defaults
  bool choose_repeats = true;            // drop_current as training chooses it; else as given
  NeuralProgram neural;                  // used when a strategy is a neural one
};

struct SiteEvaluation {
  Protocol protocol = Protocol::next_item;
  Measure judged_by = Measure::mrr;
  std::uint32_t resamples = 0;
  std::size_t visits = 0, clicks = 0, items = 0;   // learned from
  std::size_t questions = 0, units = 0;
  std::vector<StrategyQuality> strategies;         // best first; popularity among them
  std::vector<Lead> leads;                         // of the first, beside the others
  std::vector<std::string> left_out;               // cannot answer such questions
};

/// Trains every strategy on one part of the data, and asks all of them the same questions.
///
/// data     at least one visit.
/// Errors   as split_visits, default_params_of and train_neural_model; invalid_argument: the
///          strategy asked for cannot answer such questions.
[[nodiscard]] Result<SiteEvaluation> evaluate_strategies(const TrainingData& data,
                                                         const SiteEvaluationOptions& options,
                                                         const ProgressSink& progress = {});

/// The same with these parameters; `options.strategies` does not count. Their strategies' names are
/// the ones in the result.
[[nodiscard]] Result<SiteEvaluation> evaluate_models(const TrainingData& data,
                                                     const std::vector<ModelParams>& models,
                                                     const SiteEvaluationOptions& options,
                                                     const ProgressSink& progress = {});

std::string to_text(const SiteEvaluation& evaluation);
std::string to_json(const SiteEvaluation& evaluation);

}  // namespace attune::learn
