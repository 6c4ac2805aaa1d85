// Ends statements that run past their deadline. One thread for all connections of a store.
#pragma once

#include <duckdb.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>

namespace attune::store {

class Watchdog {
 public:
  Watchdog();
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// While it lives, `connection` is interrupted once `timeout_ms` have passed. Ends before the
  /// connection does and before the next statement starts on it.
  class Guard {
   public:
    Guard(Watchdog& watchdog, duckdb_connection connection, std::int64_t timeout_ms);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    Watchdog& watchdog_;
    std::uint64_t id_;
    std::chrono::steady_clock::time_point deadline_;
  };

 private:
  struct Key {
    std::chrono::steady_clock::time_point deadline;
    std::uint64_t id;
    auto operator<=>(const Key&) const = default;
  };

  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Key, duckdb_connection> waiting_;   // guarded by mutex_
  std::uint64_t next_id_ = 0;                  // guarded by mutex_
  bool stopping_ = false;                      // guarded by mutex_
  std::thread thread_;
};

}  // namespace attune::store
