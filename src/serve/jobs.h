// Long work (training, replay, check) that a request starts and does not wait for: each job has a
// thread, a progress that anyone may read, and a result that is kept until newer jobs push it out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace attune::serve {

enum class JobState : std::uint8_t { running, done, failed };
std::string_view to_string(JobState state);

/// What a job is about; neither: the whole server.
struct JobScope {
  std::string site = {};   // site id
  std::optional<std::int64_t> account = {};
  bool operator==(const JobScope&) const = default;
};

/// A picture of one job.
struct Job {
  std::string id;    // "job-17"
  std::string kind;  // "train", "replay", "check"
  JobScope scope;
  JobState state = JobState::running;
  double done = 0;          // share, 0..1
  double rate = 0;          // units a second, 0 when unknown
  std::string message;      // what it is doing now; on failure what went wrong
  std::string result_json;  // a JSON value once done, else empty
  std::int64_t started_ms = 0;
  std::int64_t finished_ms = 0;  // 0 while running
};

class JobBoard;

/// How a running job tells how far it is, and learns that it should end.
class JobProgress {
 public:
  /// Threads  any.
  void set(double done, double rate, std::string message);
  bool stop_requested() const { return stop_.load(std::memory_order_relaxed); }

 private:
  friend class JobBoard;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;
  Job job_;
};

/// What a job runs: returns the JSON text of its result.
using JobWork = std::function<Result<std::string>(JobProgress&)>;

class JobBoard {
 public:
  static constexpr std::size_t kRunningMax = 4;
  static constexpr std::size_t kKeptMax = 100;

  explicit JobBoard(const Clock& clock) : clock_(clock) {}
  /// Asks running jobs to stop and waits for them.
  ~JobBoard();
  JobBoard(const JobBoard&) = delete;
  JobBoard& operator=(const JobBoard&) = delete;

  /// Starts a job on a thread of its own.
  ///
  /// Returns  its id.
  /// Errors   already_exists: the same kind runs for that scope (message names the job);
  ///          resource_exhausted: kRunningMax jobs run.
  [[nodiscard]] Result<std::string> start(std::string kind, JobScope scope, JobWork work);

  std::vector<Job> list() const;  // newest first
  std::optional<Job> find(std::string_view id) const;
  /// Asks running jobs to stop and waits for them; no job can be started any more.
  void stop();

 private:
  struct Entry {
    std::shared_ptr<JobProgress> progress;
    std::thread thread;
  };
  void forget_old();

  const Clock& clock_;
  mutable std::mutex mutex_;
  bool stopped_ = false;
  std::uint64_t next_ = 1;
  std::vector<Entry> entries_;  // oldest first
};

}  // namespace attune::serve
