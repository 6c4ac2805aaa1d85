// Wall and steady time by injection: nothing in Attune calls the system clock directly but RealClock.
#pragma once

#include <cstdint>

namespace attune {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Wall time in milliseconds since 1970-01-01 UTC.
  virtual std::int64_t now_ms() const = 0;
  /// Monotonic time in microseconds from an arbitrary start.
  virtual std::int64_t steady_us() const = 0;
};

class RealClock final : public Clock {
 public:
  std::int64_t now_ms() const override;
  std::int64_t steady_us() const override;
};

/// A clock that tests set by hand. Not thread safe.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(std::int64_t start_ms = 0) : now_ms_(start_ms) {}
  std::int64_t now_ms() const override { return now_ms_; }
  std::int64_t steady_us() const override { return now_ms_ * 1000; }
  void set_ms(std::int64_t now_ms) { now_ms_ = now_ms; }
  void advance_ms(std::int64_t by_ms) { now_ms_ += by_ms; }

 private:
  std::int64_t now_ms_;
};

}  // namespace attune
