#include "experiment/runner.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"
#include "experiment/run.h"

namespace attune::experiment {
namespace {

constexpr std::int64_t kSameLineMs = 3'600'000;

/// Empty, and owning nothing, where there is no mutex.
std::unique_lock<std::mutex> try_lock(std::mutex* mutex) {
  return mutex == nullptr ? std::unique_lock<std::mutex>()
                          : std::unique_lock(*mutex, std::try_to_lock);
}

bool is_free(const std::unique_lock<std::mutex>& lock) {
  return lock.mutex() == nullptr || lock.owns_lock();
}

}  // namespace

struct Runner::Loop {
  Loop(store::Store& store_in, const Clock& clock_in, RunnerSettings settings_in)
      : store(store_in), clock(clock_in), settings(std::move(settings_in)) {}

  Result<bool> step(const std::stop_token& stop);
  Result<void> turn_now(const std::stop_token& stop);
  void say(const std::string& line, std::int64_t now_ms);
  void run(const std::stop_token& stop);

  store::Store& store;
  const Clock& clock;
  const RunnerSettings settings;
  std::map<std::string, std::int64_t> said;   // when, by line; the runner thread's own

  mutable Mutex mutex;
  RunnerStatus status ATTUNE_THREAD(guarded_by(mutex));
  std::mutex waiting;
  std::condition_variable_any wake;
  std::jthread thread;   // last: it ends before what it uses
};

/// A test that fails at every turn says so once an hour.
void Runner::Loop::say(const std::string& line, std::int64_t now_ms) {
  std::erase_if(said, [&](const auto& entry) { return entry.second + kSameLineMs <= now_ms; });
  if (said.try_emplace(line, now_ms).second && settings.say) settings.say(line);
}

Result<void> Runner::Loop::turn_now(const std::stop_token& stop) {
  // A session of its own each time: the database may be another one by now.
  ATTUNE_ASSIGN(const auto session, store.session());
  const std::int64_t now_ms = clock.now_ms();
  ATTUNE_ASSIGN(const std::vector<std::string> lines, turn(*session, now_ms, stop));
  for (const std::string& line : lines) say(line, now_ms);
  return {};
}

Result<bool> Runner::Loop::step(const std::stop_token& stop) {
  const auto alone = try_lock(settings.tables);
  const auto ours = try_lock(settings.turn);
  if (!is_free(alone) || !is_free(ours)) {
    const MutexLock lock(mutex);
    ++status.put_off;
    return false;
  }
  const std::int64_t began_us = clock.steady_us();
  auto done = turn_now(stop);
  const MutexLock lock(mutex);
  status.turn_us_last = clock.steady_us() - began_us;
  status.turn_us_total += status.turn_us_last;
  status.error = done ? "" : done.error().message();
  ++(done ? status.turns : status.errors);
  if (!done) return pass(done, "running tests");
  return true;
}

void Runner::Loop::run(const std::stop_token& stop) {
  name_thread("tests");
  lower_thread_priority(kBehindIntake);
  while (!stop.stop_requested()) {
    const std::int64_t began_us = clock.steady_us();
    if (const auto done = step(stop); !done) say(done.error().message(), clock.now_ms());
    const double took_ms = static_cast<double>(clock.steady_us() - began_us) / 1000;
    const auto rest_ms = static_cast<std::int64_t>(took_ms * (1 / settings.share_max - 1));
    std::unique_lock lock(waiting);
    wake.wait_for(lock, stop, std::chrono::milliseconds(std::max(settings.pause_ms, rest_ms)),
                  [] { return false; });
  }
  const MutexLock lock(mutex);
  status.running = false;
}

Runner::Runner(store::Store& store, const Clock& clock, RunnerSettings settings)
    : loop_(std::make_unique<Loop>(store, clock, std::move(settings))) {}

Runner::~Runner() { stop(); }

void Runner::start() {
  if (loop_->thread.joinable()) return;
  {
    const MutexLock lock(loop_->mutex);
    loop_->status.running = true;
  }
  loop_->thread =
      std::jthread([loop = loop_.get()](const std::stop_token& stop) { loop->run(stop); });
}

void Runner::stop() { loop_->thread = {}; }   // a jthread asks its thread to stop and joins

RunnerStatus Runner::status() const {
  const MutexLock lock(loop_->mutex);
  return loop_->status;
}

Result<bool> Runner::step() { return loop_->step({}); }

}  // namespace attune::experiment
