// Search for hyperparameters on validation data: seeded random sampling, then local steps around
// the best. No test data comes near it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "learn/evaluation.h"

namespace attune::learn {

struct TuneOptions {
  std::string train_path;
  std::string valid_path;
  std::uint32_t trials = 300;  // models trained and measured, in all
  double local_share = 0.5;    // of these, for steps around the best so far
  std::uint64_t seed = 1;
  std::uint32_t threads = 1;
};

struct Trial {
  ModelParams params;
  Quality quality;       // on the validation data
  double objective = 0;  // hit_rate / 0.65 + mrr / 0.335: the two goals, equally hard
};

struct TuneReport {
  TuneOptions options;
  std::vector<Trial> trials;  // best first
  double seconds = 0;
};

/// Errors   as evaluate_sessions.
[[nodiscard]] Result<TuneReport> tune_sessions(const TuneOptions& options,
                                               const ProgressSink& progress = {});

std::string to_text(const TuneReport& report);
std::string to_json(const TuneReport& report);

}  // namespace attune::learn
