// Next-item evaluation of session models, with honest uncertainty. Protocol (session-rec; Ludewig
// and Jannach 2018): of each test visit reveal items 1..t, rank all train items, the target is item
// t+1; average over predictions. Test clicks on items that training never saw are removed, then
// test visits with fewer than two clicks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "learn/bootstrap.h"
#include "learn/catalogue.h"
#include "learn/list_measures.h"
#include "learn/model_params.h"
#include "learn/models.h"
#include "learn/neural_child.h"
#include "learn/progress.h"
#include "learn/session_log.h"
#include "learn/recommender.h"

namespace attune::learn {

inline constexpr std::size_t kCutoff = 20;

/// One prediction's outcome.
struct Hit {
  std::uint32_t session = 0;  // number of the test visit
  std::uint32_t rank = 0;     // of the target, from 1; 0: not among the first kCutoff
};

/// Means over predictions, at kCutoff.
struct Quality {
  double hit_rate = 0;
  double mrr = 0;
  double ndcg = 0;  // one target: 1 / log2(rank + 1)
};

struct QualityIntervals {
  Interval hit_rate;
  Interval mrr;
  Interval ndcg;
};

struct Evaluation {
  ModelParams params;
  std::vector<Hit> hits;  // in the order of the test visits
  Quality quality;
  QualityIntervals by_prediction;  // 95 %, percentile bootstrap over predictions
  QualityIntervals by_session;  // 95 %, over visits with all their predictions: wider and honest,
                                // because predictions of one visit are alike
  ListQuality lists;            // against all that followed in the visit, and beyond accuracy
  double latency_p50_us = 0;    // one recommend() call, this thread
  double latency_p90_us = 0;
  double latency_p99_us = 0;
  double train_seconds = 0;
  std::uint64_t model_bytes = 0;  // as an artefact holds it
  std::size_t sessions = 0;        // test visits with at least one prediction
  std::size_t clicks_unknown = 0;  // test clicks left out: item not in train
};

/// `first` minus `second` on the same predictions; both resamples draw the same predictions (or
/// visits).
struct Comparison {
  Quality difference;
  QualityIntervals by_prediction;
  QualityIntervals by_session;
  double hit_rate_not_better = 0;  // share of session resamples in which first is not better
  double mrr_not_better = 0;
};

/// Ranks for every prediction of `test`. `test` has its own item numbers; they are translated by
/// id. When both logs know their people, by the same numbers, what a person took in `train` is the
/// history of their visits in `test`.
Evaluation evaluate_model(const Recommender& model, const SessionLog& train,
                          const SessionLog& test, const RecommendOptions& options,
                          const BootstrapOptions& bootstrap, const ProgressSink& progress = {},
                          const Catalogue& catalogue = {});

/// Errors   invalid_argument: the two were not made on the same predictions.
[[nodiscard]] Result<Comparison> compare(const Evaluation& first, const Evaluation& second,
                                         const BootstrapOptions& bootstrap);

Quality mean_quality(const std::vector<Hit>& hits);

/// A model, and the log whose items it numbers, with all visits of the one it was trained from.
struct TrainedModel {
  std::unique_ptr<Recommender> model;
  SessionLog log;
};
TrainedModel train_model(const ModelParams& params, const SessionLog& train,
                         const Catalogue& catalogue, const NeuralTrainer& neural = {});

/// Trains with `params` on one log and evaluates on the other; takes both times.
Evaluation train_and_evaluate(const ModelParams& params, const SessionLog& train,
                              const SessionLog& test, const BootstrapOptions& bootstrap,
                              const ProgressSink& progress = {}, const Catalogue& catalogue = {},
                              const NeuralTrainer& neural = {});

// --- what `attune evaluate sessions` does ---

struct EvaluateOptions {
  std::string train_path;
  std::string test_path;
  std::string model = "default";  // parse_params
  std::string compare_with;       // parse_params, or empty: no comparison
  BootstrapOptions bootstrap;
  NeuralProgram neural;           // used when a model is a neural one
};

struct EvaluateReport {
  EvaluateOptions options;
  std::size_t train_sessions = 0;
  std::size_t train_clicks = 0;
  std::size_t train_items = 0;
  Evaluation model;
  Evaluation baseline;                 // popularity on the same predictions, always beside it
  std::vector<Evaluation> other;       // `compare_with`, when given
  std::vector<Comparison> comparison;  // model minus other
};

/// Trains on one file, measures on the other.
/// Errors   as read_session_file, parse_params and train_neural_model; failed_precondition: no
///          prediction can be made.
[[nodiscard]] Result<EvaluateReport> evaluate_sessions(const EvaluateOptions& options,
                                                       const ProgressSink& progress = {});

std::string to_text(const EvaluateReport& report);
std::string to_json(const EvaluateReport& report);

}  // namespace attune::learn
