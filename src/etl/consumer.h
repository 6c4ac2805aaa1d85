// The ETL as a thread: tails the journal, turns records into rows, and commits rows and position in
// one transaction, so that each record takes effect exactly once (docs/etl.md). One consumer a
// database.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "etl/counts.h"
#include "etl/settings.h"
#include "event/site_directory.h"
#include "journal/journal.h"
#include "store/store.h"

namespace attune::etl {

/// What the consumer is doing, for /metrics, readiness and progress bars.
struct ConsumerStatus {
  journal::Position position;          // everything before it is in the tables
  std::uint64_t lag_bytes = 0;         // journal bytes behind it
  std::int64_t lag_ms = 0;             // now minus receipt of the oldest event not yet visible
  std::uint64_t commits = 0;           // since start
  std::int64_t commit_us_last = 0;     // of the last transaction
  std::uint64_t retries = 0;           // batches begun again after an error
  bool running = false;
  std::string error;                   // why it is retrying or has stopped; empty: it is well
  Counts counts;                       // over the whole journal, as committed
  std::uint64_t sessions_in_memory = 0;
  std::uint64_t event_ids_in_memory = 0;
};

class Consumer {
 public:
  /// All references must outlive the consumer.
  Consumer(journal::Journal& journal, store::Store& store, const event::SiteDirectory& sites,
           const Clock& clock, Settings settings = {});
  /// Stops.
  ~Consumer();
  Consumer(const Consumer&) = delete;
  Consumer& operator=(const Consumer&) = delete;

  /// Reads its state from the tables and begins to follow the journal on a thread of its own. What
  /// is `unavailable` later (disk full, engine busy) is retried with backoff; damage stops it
  /// (status().error).
  ///
  /// Errors   not_found: the journal no longer holds the position the tables end at;
  ///          those of Store::session and of reading the tables.
  [[nodiscard]] Result<void> start();

  /// Commits the batch in hand, ends the threads, and brings daily_site_metrics up to date.
  void stop();

  ConsumerStatus status() const;

  /// Waits until everything before `position` is in the tables, or until `wait_ms` have passed.
  /// Returns  whether it is.
  bool wait_for(journal::Position position, std::int64_t wait_ms) const;

  /// For tools and tests, instead of start(): works off everything before `until` on the caller's
  /// thread, daily_site_metrics included, and returns.
  ///
  /// Errors   those of start(); of the journal's reader; of the store.
  [[nodiscard]] Result<void> run_until(journal::Position until);

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace attune::etl
