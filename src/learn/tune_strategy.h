// Search for hyperparameters of one strategy on a site's data. Validation data only: the visits
// that a model is judged on before it may serve come near neither training nor choice.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "learn/model_params.h"
#include "learn/progress.h"
#include "learn/protocol.h"
#include "learn/training_data.h"

namespace attune::learn {

struct TuneStrategyOptions {
  std::string strategy;
  std::uint32_t trials = 40;    // models trained and measured, at most; the first is the default
  double seconds = 600;         // no trial begins after
  std::uint64_t seed = 1;
};

struct TunedStrategy {
  std::string strategy;
  Protocol protocol = Protocol::next_item;
  ModelParams params;           // the best
  double value = 0;             // MRR@20 of visits, NDCG@20 of people
  double default_value = 0;
  std::uint32_t trials = 0;     // done
  std::string stopped;          // why no more
  double seconds = 0;
  bool is_better() const { return value > default_value; }
};

/// Random steps around the best so far, in one to three parameters. Ends early when a third of the
/// trials in a row (8 at least) found nothing better.
///
/// Errors   invalid_argument: no such strategy, or it has nothing to tune; as split_visits.
[[nodiscard]] Result<TunedStrategy> tune_strategy(const TrainingData& data,
                                                  const TuneStrategyOptions& options,
                                                  const ProgressSink& progress = {});

std::string to_text(const TunedStrategy& tuned);
std::string to_json(const TunedStrategy& tuned);

}  // namespace attune::learn
