// What happens by the clock: salts rotate, old journal goes, models are trained when there is something new.
#include <algorithm>
#include <chrono>
#include <map>
#include <optional>

#include "app_parts.h"
#include "event/codec.h"
#include "spdlog/spdlog.h"

namespace attune {
namespace {

constexpr std::chrono::seconds kStep{10};
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

/// When a record was received; nothing for one that this version cannot read.
std::optional<std::int64_t> received_ms(std::string_view body) {
  const auto type = event::record_type(body);
  if (!type) return std::nullopt;
  if (*type == event::RecordType::event) {
    event::EventView event;
    if (event::decode(body, event)) return event.received_ms;
  } else if (*type == event::RecordType::decision) {
    event::Decision decision;
    if (event::decode(body, decision)) return decision.decided_ms;
  } else if (*type == event::RecordType::exposure) {
    event::Exposure exposure;
    if (event::decode(body, exposure)) return exposure.received_ms;
  } else if (*type == event::RecordType::import_end) {
    event::ImportEnd end;
    if (event::decode(body, end)) return end.received_ms;
  } else if (*type == event::RecordType::tick) {
    event::Tick tick;
    if (event::decode(body, tick)) return tick.received_ms;
  } else if (*type == event::RecordType::erased) {
    if (const std::int64_t time_ms = event::erased_received_ms(body); time_ms != 0) return time_ms;
  }
  return std::nullopt;
}

/// Deletes journal that is older than the setting. Asks the first record of each segment for its time, so
/// that a restart changes nothing.
class Retention {
 public:
  explicit Retention(App::Parts& parts) : parts_(parts) {}

  void run(std::int64_t now_ms) {
    if (last_ms_ != 0 && now_ms - last_ms_ < kHourMs) return;
    // Not below a backup that copies the segments, or a replay that reads them.
    const std::unique_lock alone(parts_.rebuild_mutex, std::try_to_lock);
    if (!alone) return;
    last_ms_ = now_ms;
    const std::int64_t limit_ms = now_ms - parts_.options.config.journal.retention_h * kHourMs;
    journal::Position keep_from;
    for (const journal::Segment& segment : parts_.journal->segments()) {
      const auto begins_ms = first_received_ms(journal::Position{segment.start});
      if (!begins_ms || *begins_ms >= limit_ms) break;
      keep_from = journal::Position{segment.start};
    }
    if (keep_from.offset == 0) return;
    if (const auto freed = parts_.journal->retain_from(keep_from); !freed) {
      spdlog::warn("journal retention: {}", freed.error().message());
    } else if (*freed > 0) {
      spdlog::info("journal retention freed {} MiB", *freed >> 20);
    }
  }

 private:
  std::optional<std::int64_t> first_received_ms(journal::Position start) const {
    const auto reader = parts_.journal->read(start);
    if (!reader) return std::nullopt;
    const auto record = (*reader)->next();
    if (!record || !*record) return std::nullopt;
    return received_ms((*record)->body);
  }

  App::Parts& parts_;
  std::int64_t last_ms_ = 0;
};

/// Trains each site every so often when the journal has grown since the last time.
class Trainings {
 public:
  explicit Trainings(App::Parts& parts) : parts_(parts), begun_ms_(parts.clock.now_ms()) {}

  void run(std::int64_t now_ms) {
    const std::int64_t every_ms = parts_.options.config.recommend.train_every_min * kMinuteMs;
    if (every_ms == 0) return;
    const auto sites = parts_.control->sites();  // keeps the list alive while it is read
    for (const auto& [id, site] : sites->by_id) {
      auto [last, is_new] = last_.try_emplace(id, Last{begun_ms_, {}});
      const journal::Position end = parts_.journal->durable_end();
      if (now_ms - last->second.time_ms < every_ms || last->second.end == end) continue;
      last->second = {now_ms, end};
      const event::Site copy = site;
      const auto job = parts_.api->jobs().start(
          "train", {.site = id.text()}, [this, copy](serve::JobProgress& progress) {
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

/// Starts what is due of daily, weekly and monthly upkeep, beginning a while after the start.
class Upkeep {
 public:
  explicit Upkeep(App::Parts& parts)
      : parts_(parts),
        after_ms_(parts.options.config.retention.maintain_after_s * 1000),
        next_ms_(parts.clock.now_ms() + after_ms_) {}

  void run(std::int64_t now_ms) {
    if (after_ms_ == 0 || now_ms < next_ms_) return;
    next_ms_ = now_ms + kEveryMs;
    const auto due = maintenance_due(parts_, now_ms);
    if (!due) return spdlog::warn("maintenance: {}", due.error().message());
    if (!*due) return;
    const auto job = parts_.api->jobs().start(
        "maintain", {}, [this, period = **due](serve::JobProgress& progress) {
          return maintain_now(parts_, period, progress);
        });
    if (job) next_ms_ = now_ms + kHourMs;   // one that goes wrong is not tried again at once
  }

 private:
  static constexpr std::int64_t kEveryMs = 5 * kMinuteMs;
  App::Parts& parts_;
  const std::int64_t after_ms_;
  std::int64_t next_ms_;
};

/// What content slots earned, into the accounts' tables.
class ContentRefreshes {
 public:
  explicit ContentRefreshes(App::Parts& parts)
      : parts_(parts), next_ms_(parts.clock.now_ms() + kEveryMs) {}

  void run(std::int64_t now_ms) {
    if (now_ms < next_ms_) return;
    next_ms_ = now_ms + kEveryMs;
    if (const auto done = parts_.api->refresh_content(); !done) {
      spdlog::warn("content slots: {}", done.error().message());
    }
  }

 private:
  static constexpr std::int64_t kEveryMs = 5 * kMinuteMs;
  App::Parts& parts_;
  std::int64_t next_ms_;
};

/// Starts a job of the API every day, the first time an hour after the start.
class Daily {
 public:
  using Begin = Result<void> (serve::Api::*)();
  Daily(App::Parts& parts, std::string_view what, Begin begin)
      : parts_(parts), what_(what), begin_(begin), next_ms_(parts.clock.now_ms() + kHourMs) {}

  void run(std::int64_t now_ms) {
    if (now_ms < next_ms_) return;
    const auto begun = (*parts_.api.*begin_)();
    if (!begun) spdlog::debug("{}: {}", what_, begun.error().message());
    next_ms_ = now_ms + (begun ? 24 : 1) * kHourMs;
  }

 private:
  App::Parts& parts_;
  std::string_view what_;
  Begin begin_;
  std::int64_t next_ms_;
};

}  // namespace

void run_scheduler(App::Parts& parts, const std::stop_token& stop) {
  Retention retention(parts);
  Trainings trainings(parts);
  GraphRefreshes graphs(parts);
  Upkeep upkeep(parts);
  ContentRefreshes contents(parts);
  BanditRecords bandits(parts);
  Daily insights(parts, "looking for insights", &serve::Api::find_insights);
  Daily advice(parts, "refreshing advice", &serve::Api::refresh_advice);
  std::mutex mutex;
  std::condition_variable_any wake;
  while (!stop.stop_requested()) {
    const std::int64_t now_ms = parts.clock.now_ms();
    if (const auto turned = parts.enricher->tick(now_ms); !turned) {
      spdlog::error("rotating the visitor salts: {}", turned.error().message());
    }
    retention.run(now_ms);
    trainings.run(now_ms);
    graphs.run(now_ms);
    upkeep.run(now_ms);
    contents.run(now_ms);
    bandits.run(now_ms);
    insights.run(now_ms);
    advice.run(now_ms);
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kStep, [] { return false; });
  }
}

}  // namespace attune
