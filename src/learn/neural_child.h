// The program attune-neural: it alone links libtorch, and it lies beside the server or is not there
// at all. Neural models are trained in it, from a file into a file; the server reads the weights.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "learn/catalogue.h"
#include "learn/model_params.h"
#include "learn/progress.h"
#include "learn/recommender.h"
#include "learn/session_log.h"

namespace attune::learn {

struct NeuralProgram {
  std::string path;  // empty: attune-neural in the folder of the running program
  std::uint64_t memory_bytes_max = 4ULL << 30;
  int nice = 15;
  std::int64_t seconds_max = 6 * 3600;
  std::function<bool()> stop_requested = {};  // true ends the child and fails the call
};

/// Returns  where the program is: `path`, or beside the running program when `path` is empty.
/// Errors   failed_precondition: it is not there.
[[nodiscard]] Result<std::string> find_neural_program(const std::string& path);

/// Trains in a child process; needs_program(params.algorithm).
///
/// Errors   as find_neural_program and run_child; resource_exhausted: the child ran out of memory
///          or time; internal: it crashed; unavailable: no room for its files in the temporary
///          folder.
[[nodiscard]] Result<std::unique_ptr<Recommender>> train_neural_model(
    const SessionLog& log, const ModelParams& params, const NeuralProgram& program,
    const ProgressSink& progress = {}, const Catalogue& catalogue = {});

}  // namespace attune::learn
