// The few lines that the training child says to its parent on standard output.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "learn/train.h"

namespace attune::learn {

inline constexpr std::string_view kWorkerCommand = "train-worker";
inline constexpr std::string_view kProgressWord = "progress";  // progress SHARE STAGE
inline constexpr std::string_view kResultWord = "result";      // result VERSION ALGORITHM numbers..
inline constexpr std::string_view kEvaluateTask = "evaluate";  // --task; else it trains
inline constexpr std::string_view kTuneTask = "tune";
inline constexpr int kExitOutOfMemory = 75;
inline constexpr int kExitRefused = 65;   // the data does not suffice; standard error says why

struct WorkerResult {
  std::string version;
  std::string algorithm;
  HeldOut held_out;
};

/// What a child does first: it ends with its parent, steps back from the processor, and has no more
/// than `memory_bytes` of memory (0: no bound); without memory it ends with kExitOutOfMemory.
void lower_limits(std::uint64_t memory_bytes, int nice);

/// A progress line on standard output, at once.
void say_progress(std::string_view stage, double done);

std::string to_line(const WorkerResult& result);

/// Errors   internal: not a line that to_line makes.
[[nodiscard]] Result<WorkerResult> parse_result_line(std::string_view line);

}  // namespace attune::learn
