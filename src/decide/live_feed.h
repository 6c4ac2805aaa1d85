// Follows the journal into LiveState on a thread of its own, within about 100 ms of durability:
// what a visitor did a moment ago is in the next answer, long before the ETL has written it into
// tables.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "base/result.h"
#include "decide/decider.h"
#include "decide/live_state.h"
#include "event/codec.h"
#include "journal/journal.h"

namespace attune::decide {

struct LiveFeedOptions {
  /// Whether an event's person was erased; empty: nobody was.
  std::function<bool(const event::EventView&)> is_erased{};
  std::int64_t wait_ms = 50;  // longest sleep while nothing new is durable
  std::int64_t popular_every_ms = 1000;
  std::int64_t warm_ms = 6 * 3'600'000;  // how much journal the next start reads again
  /// Told, at most once a minute and when caught up, where the next start should begin: the journal
  /// as it was `warm_ms` ago. Store it as a named cursor and give it to `start`. May be empty.
  std::function<void(journal::Position)> keep{};
};

struct LiveFeedStatus {
  journal::Position position;  // everything before it is in memory
  std::uint64_t records = 0;
  std::uint64_t undecodable = 0;  // skipped
  bool is_warm = false;           // has once reached the end of the journal
  bool has_failed = false;        // stopped: the journal's reader gave an error
};

class LiveFeed {
 public:
  /// All outlive the feed.
  LiveFeed(journal::Journal& journal, LiveState& live, Decider& decider, const Clock& clock,
           LiveFeedOptions options = {});
  /// Stops.
  ~LiveFeed();
  LiveFeed(const LiveFeed&) = delete;
  LiveFeed& operator=(const LiveFeed&) = delete;

  /// Begins to read at `from`: what `keep` was told last, or the journal's first position. Returns
  /// at once; answers are better when `is_warm`.
  /// Errors   not_found: retention has deleted it.
  [[nodiscard]] Result<void> start(journal::Position from);
  void stop();
  LiveFeedStatus status() const;

  /// Reads from `from` what is durable now, on the caller's thread: for tests and tools.
  /// Errors   as start, and those of the journal's reader.
  [[nodiscard]] Result<void> drain(journal::Position from);

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> read_available(const std::stop_token& stop);
  void take(const journal::Record& record);
  void note_time(std::int64_t received_ms, journal::Position position);
  void tell_keep();

  journal::Journal& journal_;
  LiveState& live_;
  Decider& decider_;
  const Clock& clock_;
  const LiveFeedOptions options_;
  std::unique_ptr<journal::Reader> reader_;
  event::EventView event_;  // reused, so that a record costs no allocation
  struct Mark {
    std::int64_t received_ms;
    journal::Position position;
  };
  std::deque<Mark> marks_;                 // about one a minute, back to warm_ms ago
  std::optional<journal::Position> kept_;  // what `keep` was told last
  std::int64_t kept_us_ = 0;
  std::atomic<std::uint64_t> position_{0};
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> undecodable_{0};
  std::atomic<bool> is_warm_{false};
  std::atomic<bool> has_failed_{false};
  std::jthread thread_;
};

}  // namespace attune::decide
