#include "base/mutex.h"

#include <thread>

#include <gtest/gtest.h>

namespace attune {
namespace {

TEST(MutexTest, HandsWorkFromOneThreadToAnother) {
  Mutex mutex;
  Condition ready;
  int passed = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      const MutexLock held(mutex);
      ++passed;
      ready.notify_one();
    }
  });
  {
    MutexLock held(mutex);
    while (passed < 1000) ready.wait(mutex);
    held.unlock();  // a window in the scope
    held.lock();
    EXPECT_EQ(passed, 1000);
  }
  other.join();
}

TEST(MutexTest, WaitsNoLongerThanTheDeadline) {
  Mutex mutex;
  Condition never;
  const MutexLock held(mutex);
  EXPECT_FALSE(never.wait_until(mutex, std::chrono::steady_clock::time_point()));
}

}  // namespace
}  // namespace attune
