#include "store/postgres/pool.h"

#include <algorithm>
#include <chrono>

namespace attune::store::postgres {
namespace {

constexpr std::int64_t kFirstPauseMs = 100;
constexpr std::int64_t kLongestPauseMs = 5'000;

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Result<void> Pool::may_try() {
  const MutexLock lock(mutex_);
  if (pause_ms_ == 0 || steady_ms() >= next_try_ms_) return {};
  return fail(ErrorCode::unavailable, "the database cannot be reached; it is tried again shortly",
              "database");
}

void Pool::tried(bool good) {
  const MutexLock lock(mutex_);
  pause_ms_ = good ? 0 : std::clamp(pause_ms_ * 2, kFirstPauseMs, kLongestPauseMs);
  next_try_ms_ = steady_ms() + pause_ms_;
}

Result<std::unique_ptr<Connection>> Pool::take() {
  {
    const auto deadline =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(settings_.wait_ms);
    const MutexLock lock(mutex_);
    while (taken_ >= settings_.connections_max) {
      if (!freed_.wait_until(mutex_, deadline)) {
        return fail(ErrorCode::resource_exhausted,
                    "all connections to the database are in use", "database");
      }
    }
    ++taken_;
    if (!idle_.empty()) {
      std::unique_ptr<Connection> connection = std::move(idle_.back());
      idle_.pop_back();
      return connection;
    }
  }
  Result<std::unique_ptr<Connection>> fresh = fail(ErrorCode::unavailable, "");
  if (auto allowed = may_try(); !allowed) {
    fresh = pass(allowed);
  } else {
    fresh = Connection::open(settings_.url, catalog_);
    tried(fresh.has_value());
  }
  if (!fresh) give_back(nullptr);
  return fresh;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  // A session that was dropped in the middle of a transaction must not leave it to the next one.
  const bool good = connection && !connection->broken() && !connection->in_transaction();
  const MutexLock lock(mutex_);
  --taken_;
  if (good) idle_.push_back(std::move(connection));
  freed_.notify_one();
}

void Pool::forget_idle() {
  const MutexLock lock(mutex_);
  idle_.clear();
}

Result<void> Pool::revive(Connection& connection) {
  if (!connection.broken()) return {};
  ATTUNE_TRY(may_try());
  Result<void> opened = connection.revive();
  tried(opened.has_value());
  return opened;
}

}  // namespace attune::store::postgres
