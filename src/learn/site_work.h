// Work on a site's data whose result is a report, not a model: in a child process, like training.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "learn/progress.h"
#include "learn/train.h"
#include "store/store.h"

namespace attune::learn {

struct EvaluationRequest {
  std::string strategy;                   // empty: all that train by default
  std::string protocol = "next-item";     // parse_protocol
  std::uint32_t resamples = 1000;         // of the bootstrap intervals
};

/// Trains the site's strategies on one part of its data and measures them on the other; no model
/// goes anywhere.
///
/// Returns  {"text":s,"report":{..}}: site_evaluation.h.
/// Errors   invalid_argument: no such strategy or protocol; failed_precondition: the data does not
///          suffice, says what it lacks; else as train_site.
/// Threads  any; not two of one site at a time.
[[nodiscard]] Result<std::string> evaluate_site(store::Store& store, const Clock& clock,
                                                const TrainOptions& options,
                                                const EvaluationRequest& request,
                                                const ProgressSink& progress = {});

struct TuneRequest {
  std::string strategy;
  std::uint32_t trials = 40;
  std::uint32_t seconds = 600;
  bool reset = false;   // forget what was found
};

/// Searches for hyperparameters of a strategy and keeps what beats the default: the next trainings
/// use it (tuned_params.h), and the gate judges what they make.
///
/// Returns  {"text":s,"report":{..}}: tune_strategy.h.
/// Errors   as tune_strategy and train_site.
/// Threads  any; not two of one site at a time.
[[nodiscard]] Result<std::string> tune_site(store::Store& store, const Clock& clock,
                                            const TrainOptions& options, const TuneRequest& request,
                                            const ProgressSink& progress = {});

}  // namespace attune::learn
