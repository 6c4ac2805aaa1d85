// The few lines that the training child says to its parent on standard output.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "learn/train.h"

namespace attune::learn {

inline constexpr std::string_view kWorkerCommand = "train-worker";
inline constexpr std::string_view kProgressWord = "progress";  // progress SHARE STAGE
inline constexpr std::string_view kResultWord = "result";      // result VERSION ALGORITHM numbers..
inline constexpr int kExitOutOfMemory = 75;

struct WorkerResult {
  std::string version;
  std::string algorithm;
  HeldOut held_out;
};

std::string to_line(const WorkerResult& result);

/// Errors   internal: not a line that to_line makes.
[[nodiscard]] Result<WorkerResult> parse_result_line(std::string_view line);

}  // namespace attune::learn
