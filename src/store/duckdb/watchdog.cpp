#include "store/duckdb/watchdog.h"

#include <algorithm>

#include "base/thread.h"

namespace attune::store {

namespace {
// A statement between two of DuckDB's checks misses an interrupt that came just before it started,
// so an overdue one is told again until its guard goes.
constexpr std::chrono::milliseconds kRepeat{50};
constexpr std::int64_t kTimeoutMsMax = std::int64_t{24} * 3600 * 1000;
}  // namespace

Watchdog::Watchdog() : thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Watchdog::Guard::Guard(Watchdog& watchdog, duckdb_connection connection, std::int64_t timeout_ms)
    : watchdog_(watchdog),
      deadline_(std::chrono::steady_clock::now() +
                std::chrono::milliseconds(std::clamp<std::int64_t>(timeout_ms, 0, kTimeoutMsMax))) {
  bool first = false;
  {
    const std::lock_guard lock(watchdog_.mutex_);
    id_ = watchdog_.next_id_++;
    const auto placed = watchdog_.waiting_.emplace(Key{deadline_, id_}, connection).first;
    first = placed == watchdog_.waiting_.begin();
  }
  if (first) watchdog_.changed_.notify_one();
}

Watchdog::Guard::~Guard() {
  const std::lock_guard lock(watchdog_.mutex_);
  watchdog_.waiting_.erase(Key{deadline_, id_});
}

void Watchdog::run() {
  name_thread("query watchdog");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now = std::chrono::steady_clock::now();
    auto next = waiting_.begin();
    bool overdue = false;
    for (; next != waiting_.end() && next->first.deadline <= now; ++next) {
      duckdb_interrupt(next->second);
      overdue = true;
    }
    if (overdue) {
      changed_.wait_for(lock, kRepeat);
    } else if (next == waiting_.end()) {
      changed_.wait(lock);
    } else {
      const auto deadline = next->first.deadline;   // its entry may go while we wait
      changed_.wait_until(lock, deadline);
    }
  }
}

}  // namespace attune::store
