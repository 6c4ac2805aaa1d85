// Running tests by the clock, on a thread of their own: a refresh of a large test takes minutes,
// and whoever shared its thread would wait for as long. It takes a bounded share of that thread's
// time, so what takes longer comes less often.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"

namespace attune::experiment {

struct RunnerSettings {
  std::int64_t pause_ms = 10'000;   // between two turns, at least
  double share_max = 0.1;           // of a thread's time

  /// Both are held during a turn; while somebody else has one, the turn is put off to the next
  /// pause. Null: there is nobody else.
  std::mutex* tables = nullptr;     // who puts other tables in place has it
  std::mutex* turn = nullptr;       // who works on a test on demand has it

  /// Told what was done or went wrong, on the runner's thread; the same line once an hour.
  std::function<void(std::string_view line)> say;
};

struct RunnerStatus {
  bool running = false;
  std::uint64_t turns = 0;        // over all tests, since the start
  std::uint64_t put_off = 0;
  std::uint64_t errors = 0;       // turns that could not read the tests
  std::int64_t turn_us_last = 0;
  std::int64_t turn_us_total = 0;
  std::string error;              // why it tries again; empty: it is well
};

class Runner {
 public:
  /// All references must outlive the runner.
  Runner(store::Store& store, const Clock& clock, RunnerSettings settings);
  /// Stops.
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void start();
  /// Ends after the statement in hand; what a refresh has done so far is undone.
  void stop();
  RunnerStatus status() const;

  /// One turn on the caller's thread, for tests.
  ///
  /// Returns  false: it was put off.
  /// Errors   of the store, and of reading the tests.
  [[nodiscard]] Result<bool> step();

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace attune::experiment
