// Follows the journal into LiveState on a thread of its own, within about 100 ms of durability: what a
// visitor did a moment ago is in the next answer, long before the ETL has written it into tables.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "base/clock.h"
#include "base/result.h"
#include "decide/decider.h"
#include "decide/live_state.h"
#include "event/codec.h"
#include "journal/journal.h"

namespace attune::decide {

struct LiveFeedOptions {
  std::int64_t wait_ms = 50;             // longest sleep while nothing new is durable
  std::int64_t popular_every_ms = 1000;
};

struct LiveFeedStatus {
  journal::Position position;            // everything before it is in memory
  std::uint64_t records = 0;
  std::uint64_t undecodable = 0;         // skipped
  bool warm = false;                     // has once reached the end of the journal
  bool failed = false;                   // stopped by an error of the journal's reader
};

class LiveFeed {
 public:
  LiveFeed(journal::Journal& journal, LiveState& live, Decider& decider,
           const LiveFeedOptions& options = {});
  /// Stops.
  ~LiveFeed();

  /// Begins to read at `from`, for example where the journal was some hours ago (see `warm_start`).
  /// Errors   not_found: retention has deleted it.
  [[nodiscard]] Result<void> start(journal::Position from);
  void stop();
  LiveFeedStatus status() const;

  /// Reads what is durable now and returns, on the caller's thread: for tests and tools.
  [[nodiscard]] Result<void> drain(journal::Position from);

 private:
  void run();
  [[nodiscard]] Result<void> read_available();

  journal::Journal& journal_;
  LiveState& live_;
  Decider& decider_;
  LiveFeedOptions options_;
  std::unique_ptr<journal::Reader> reader_;
  event::EventView event_;
  std::atomic<std::uint64_t> position_{0};
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> undecodable_{0};
  std::atomic<bool> warm_{false};
  std::atomic<bool> failed_{false};
  std::jthread thread_;
};

}  // namespace attune::decide
