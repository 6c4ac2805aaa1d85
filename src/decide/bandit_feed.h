// Follows the journal into a BanditBook on a thread of its own, about 100 ms behind, and keeps the
// book as an artefact: state and position in one file that is replaced as a whole, so that a
// restart goes on from there and no record counts twice or not at all.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"
#include "base/file_system.h"
#include "base/result.h"
#include "decide/bandit_book.h"
#include "event/codec.h"
#include "journal/journal.h"

namespace attune::decide {

struct BanditFeedOptions {
  std::string path;  // of the artefact
  /// Whether a record's person was erased; empty: nobody was.
  std::function<bool(const event::EventView&)> is_erased_event{};
  std::function<bool(const event::Decision&)> is_erased_decision{};
  std::int64_t wait_ms = 50;            // longest sleep while nothing new is durable
  std::int64_t publish_every_ms = 200;  // at most so often
  std::int64_t save_every_ms = 60'000;
  /// Told after every save: up to where the journal is no longer needed. May be empty.
  std::function<void(journal::Position)> saved{};
  /// Told what could not be saved, on the feed's thread. May be empty.
  std::function<void(const Error&)> report{};
};

struct BanditFeedStatus {
  journal::Position position;  // everything before it is learned
  std::uint64_t records = 0;
  std::uint64_t undecodable = 0;  // skipped
  bool has_failed = false;        // stopped: the journal's reader gave an error
};

class BanditFeed {
 public:
  /// All outlive the feed.
  BanditFeed(journal::Journal& journal, BanditBook& book, FileSystem& files, const Clock& clock,
             BanditFeedOptions options);
  /// Stops.
  ~BanditFeed();
  BanditFeed(const BanditFeed&) = delete;
  BanditFeed& operator=(const BanditFeed&) = delete;

  /// Loads the artefact. Without one, or with one that cannot be used (the error says why, and the
  /// book is empty then), learning begins at the oldest record kept.
  [[nodiscard]] Result<void> load();
  /// Begins to read where the book ends.
  [[nodiscard]] Result<void> start();
  /// Stops and saves.
  void stop();
  BanditFeedStatus status() const;

  /// Takes what is durable now and publishes it, on the caller's thread; while not started.
  [[nodiscard]] Result<void> drain();
  /// Saves now. Any thread; for who changed the book by hand.
  /// Errors   unavailable: the disk.
  [[nodiscard]] Result<void> save();
  /// Does `change` between two records and saves what it made.
  /// Errors   its own; unavailable: the disk.
  [[nodiscard]] Result<void> change(const std::function<Result<void>()>& change);

 private:
  void run(const std::stop_token& stop);
  [[nodiscard]] Result<void> read_available(const std::stop_token& stop);
  void take(const journal::Record& record);
  [[nodiscard]] Result<void> save_locked();

  journal::Journal& journal_;
  BanditBook& book_;
  FileSystem& files_;
  const Clock& clock_;
  const BanditFeedOptions options_;
  std::unique_ptr<journal::Reader> reader_;
  event::EventView event_;  // reused
  event::Decision decision_;
  std::mutex record_mutex_;  // held for one record, and while the state is written
  std::uint64_t saved_ = UINT64_MAX;  // position of the last save
  std::atomic<std::uint64_t> position_{0};
  std::atomic<std::uint64_t> records_{0};
  std::atomic<std::uint64_t> undecodable_{0};
  std::atomic<bool> has_failed_{false};
  std::jthread thread_;
};

}  // namespace attune::decide
