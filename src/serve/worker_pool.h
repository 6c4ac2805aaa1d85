// Threads for what may block or burn: SQL, password hashes. Bounded: when its queue is full the
// caller answers 503 instead of letting memory grow.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace attune::serve {

class WorkerPool {
 public:
  WorkerPool(std::size_t threads, std::size_t queue_max);
  /// Runs what is queued, then joins.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Queues a task.
  /// Returns  false, and leaves `task` alone, when the queue is full or the pool stops.
  [[nodiscard]] bool try_run(std::function<void()>& task);
  std::size_t waiting() const;
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  void work();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                    // guarded by mutex_
  std::atomic<std::uint64_t> refused_{0};
  std::vector<std::thread> threads_;
};

}  // namespace attune::serve
