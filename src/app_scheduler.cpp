// What happens by the clock: salts rotate, old journal goes, models are trained when there is something new.
#include <algorithm>
#include <chrono>
#include <map>

#include "app_parts.h"
#include "spdlog/spdlog.h"

namespace attune {
namespace {

constexpr std::chrono::seconds kStep{10};
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

/// Remembers where the journal ended hour by hour, so that "older than N hours" becomes a position.
class Retention {
 public:
  explicit Retention(App::Parts& parts) : parts_(parts) {}

  void run(std::int64_t now_ms) {
    if (now_ms - last_ms_ < kHourMs) return;
    last_ms_ = now_ms;
    ends_[now_ms] = parts_.journal->durable_end();
    const std::int64_t limit_ms = now_ms - parts_.options.config.journal.retention_h * kHourMs;
    journal::Position keep_from;
    while (!ends_.empty() && ends_.begin()->first < limit_ms) {
      keep_from = ends_.begin()->second;
      ends_.erase(ends_.begin());
    }
    if (keep_from.offset == 0) return;
    if (const auto freed = parts_.journal->retain_from(keep_from); !freed) {
      spdlog::warn("journal retention: {}", freed.error().message());
    } else if (*freed > 0) {
      spdlog::info("journal retention freed {} MiB", *freed >> 20);
    }
  }

 private:
  App::Parts& parts_;
  std::int64_t last_ms_ = 0;
  std::map<std::int64_t, journal::Position> ends_;   // at most one an hour of retention
};

/// Trains each site every so often when the journal has grown since the last time.
class Trainings {
 public:
  explicit Trainings(App::Parts& parts) : parts_(parts), begun_ms_(parts.clock.now_ms()) {}

  void run(std::int64_t now_ms) {
    const std::int64_t every_ms = parts_.options.config.recommend.train_every_min * kMinuteMs;
    if (every_ms == 0) return;
    for (const auto& [id, site] : parts_.control->sites()->by_id) {
      auto [last, is_new] = last_.try_emplace(id, Last{begun_ms_, {}});
      const journal::Position end = parts_.journal->durable_end();
      if (now_ms - last->second.time_ms < every_ms || last->second.end == end) continue;
      last->second = {now_ms, end};
      const event::Site copy = site;
      const auto job = parts_.api->jobs().start(
          "train", id.text(), [this, copy](serve::JobProgress& progress) {
            return train_now(parts_, copy, {}, progress);
          });
      if (!job) spdlog::debug("training of {} did not start: {}", site.domain, job.error().message());
    }
  }

 private:
  struct Last {
    std::int64_t time_ms = 0;
    journal::Position end;
  };
  App::Parts& parts_;
  std::int64_t begun_ms_;
  std::map<Uuid, Last> last_;
};

}  // namespace

void run_scheduler(App::Parts& parts, const std::stop_token& stop) {
  Retention retention(parts);
  Trainings trainings(parts);
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const std::int64_t now_ms = parts.clock.now_ms();
    if (const auto turned = parts.enricher->tick(now_ms); !turned) {
      spdlog::error("rotating the visitor salts: {}", turned.error().message());
    }
    retention.run(now_ms);
    trainings.run(now_ms);
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kStep, [] { return false; });
  }
}

}  // namespace attune
