// A mutex that clang's thread-safety analysis understands (-Wthread-safety), so that reading a field
// without its lock does not compile there. gcc ignores the annotations. One macro for them all:
//
//   Mutex mutex_;
//   int count_ ATTUNE_THREAD(guarded_by(mutex_)) = 0;
//   void grow() ATTUNE_THREAD(requires_capability(mutex_));
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#if defined(__clang__)
#define ATTUNE_THREAD(attribute) __attribute__((attribute))
#else
#define ATTUNE_THREAD(attribute)
#endif

namespace attune {

class ATTUNE_THREAD(capability("mutex")) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void lock() ATTUNE_THREAD(acquire_capability()) { mutex_.lock(); }
  void unlock() ATTUNE_THREAD(release_capability()) { mutex_.unlock(); }

 private:
  friend class Condition;  // waits on the std::mutex itself
  std::mutex mutex_;
};

/// Holds a Mutex for a scope; `unlock` and `lock` open a window in it.
class ATTUNE_THREAD(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ATTUNE_THREAD(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() ATTUNE_THREAD(release_capability()) {
    if (held_) mutex_.unlock();
  }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void unlock() ATTUNE_THREAD(release_capability()) {
    held_ = false;
    mutex_.unlock();
  }
  void lock() ATTUNE_THREAD(acquire_capability()) {
    mutex_.lock();
    held_ = true;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

/// A condition variable for Mutex. Wake-ups may be spurious: call it in a loop that tests.
class Condition {
 public:
  void wait(Mutex& mutex) ATTUNE_THREAD(requires_capability(mutex)) {
    std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
    condition_.wait(held);
    held.release();
  }

  /// Returns  false when `deadline` has passed.
  bool wait_until(Mutex& mutex, std::chrono::steady_clock::time_point deadline)
      ATTUNE_THREAD(requires_capability(mutex)) {
    std::unique_lock<std::mutex> held(mutex.mutex_, std::adopt_lock);
    const bool in_time = condition_.wait_until(held, deadline) == std::cv_status::no_timeout;
    held.release();
    return in_time;
  }

  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace attune
