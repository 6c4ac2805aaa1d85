#include "serve/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/thread.h"

namespace attune::serve {

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::running:
      return "running";
    case JobState::done:
      return "done";
    case JobState::failed:
      break;
  }
  return "failed";
}

void JobProgress::set(double done, double rate, std::string message) {
  const std::lock_guard lock(mutex_);
  job_.done = std::clamp(done, 0.0, 1.0);
  job_.rate = rate;
  job_.message = std::move(message);
}

JobBoard::~JobBoard() {
  stop();
}

Result<std::string> JobBoard::start(std::string kind, JobScope scope, JobWork work) {
  const std::lock_guard lock(mutex_);
  if (stopped_) return fail(ErrorCode::unavailable, "the server is stopping");
  std::size_t running = 0;
  for (const Entry& entry : entries_) {
    const std::lock_guard job_lock(entry.progress->mutex_);
    const Job& job = entry.progress->job_;
    if (job.state != JobState::running) continue;
    ++running;
    if (job.kind == kind && job.scope == scope) {
      return fail(ErrorCode::already_exists, fmt::format("{} {} is running", job.kind, job.id));
    }
  }
  if (running >= kRunningMax) {
    return fail(ErrorCode::resource_exhausted, fmt::format("{} jobs are running", running));
  }
  forget_old();
  auto progress = std::make_shared<JobProgress>();
  Job& job = progress->job_;
  job.id = fmt::format("job-{}", next_++);
  job.kind = std::move(kind);
  job.scope = std::move(scope);
  job.started_ms = clock_.now_ms();
  std::string id = job.id;
  Entry entry;
  entry.progress = progress;
  entry.thread = std::thread([progress, run = std::move(work), &clock = clock_] {
    name_thread("job");
    Result<std::string> result = run(*progress);
    const std::lock_guard job_lock(progress->mutex_);
    Job& finished = progress->job_;
    finished.finished_ms = clock.now_ms();
    finished.rate = 0;
    if (result) {
      finished.state = JobState::done;
      finished.done = 1;
      finished.result_json = std::move(*result);
    } else {
      finished.state = JobState::failed;
      finished.message = result.error().message();
    }
  });
  entries_.push_back(std::move(entry));
  return id;
}

void JobBoard::forget_old() {
  // Oldest first, and only finished ones: their threads are at their end, so join does not wait.
  for (auto entry = entries_.begin(); entry != entries_.end() && entries_.size() >= kKeptMax;) {
    bool running = false;
    {
      const std::lock_guard job_lock(entry->progress->mutex_);
      running = entry->progress->job_.state == JobState::running;
    }
    if (running) {
      ++entry;
      continue;
    }
    entry->thread.join();
    entry = entries_.erase(entry);
  }
}

std::vector<Job> JobBoard::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Job> jobs;
  jobs.reserve(entries_.size());
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    const std::lock_guard job_lock(entry->progress->mutex_);
    jobs.push_back(entry->progress->job_);
  }
  return jobs;
}

std::optional<Job> JobBoard::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    const std::lock_guard job_lock(entry.progress->mutex_);
    if (entry.progress->job_.id == id) return entry.progress->job_;
  }
  return std::nullopt;
}

void JobBoard::stop() {
  std::vector<Entry> entries;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    entries.swap(entries_);
  }
  for (Entry& entry : entries) entry.progress->stop_.store(true, std::memory_order_relaxed);
  for (Entry& entry : entries) entry.thread.join();
}

}  // namespace attune::serve
