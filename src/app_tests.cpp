// Running tests by the clock: their sums, snapshots, schedule and traffic.
#include "app_parts.h"
#include "experiment/run.h"
#include "spdlog/spdlog.h"

namespace attune {
namespace {

constexpr std::int64_t kPauseMs = 10'000;    // between two turns
constexpr std::int64_t kShare = 9;           // of that time and more is left to others
constexpr std::int64_t kSameLineMs = 3'600'000;

}  // namespace

void TestRuns::run(std::int64_t now_ms) {
  if (now_ms < next_ms_) return;
  // Not below a replay or an erasure, which put other tables in place.
  const std::unique_lock alone(parts_.rebuild_mutex, std::try_to_lock);
  const std::unique_lock turn(parts_.test_turn, std::try_to_lock);
  if (!alone || !turn) return;
  const std::int64_t began_us = parts_.clock.steady_us();
  const auto session = parts_.store->session();
  if (!session) return;   // the database is away: the next turn asks again
  const auto done = experiment::turn(**session, now_ms);
  const std::int64_t took_ms = (parts_.clock.steady_us() - began_us) / 1000;
  next_ms_ = now_ms + std::max(kPauseMs, kShare * took_ms);
  if (!done) {
    spdlog::warn("running tests: {}", done.error().message());
    return;
  }
  for (const std::string& line : *done) say(line, now_ms);
}

/// A test that fails at every turn says so once an hour.
void TestRuns::say(const std::string& line, std::int64_t now_ms) {
  std::erase_if(said_, [&](const auto& entry) { return entry.second + kSameLineMs <= now_ms; });
  if (said_.try_emplace(line, now_ms).second) spdlog::info("{}", line);
}

}  // namespace attune
