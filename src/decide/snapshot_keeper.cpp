#include "decide/snapshot_keeper.h"

#include <chrono>
#include <utility>

#include "base/file_system.h"
#include "base/thread.h"

namespace attune::decide {

SnapshotKeeper::SnapshotKeeper(Decider& decider, SnapshotSource source,
                               std::function<void(const Uuid&, const Error&)> report,
                               const SnapshotKeeperOptions& options)
    : decider_(decider),
      source_(std::move(source)),
      report_(std::move(report)),
      options_(options) {}

SnapshotKeeper::~SnapshotKeeper() {
  stop();
}

Result<void> SnapshotKeeper::start() {
  ATTUNE_ASSIGN(const std::vector<Uuid> sites, source_.sites());
  for (const Uuid& site : sites) {
    if (auto done = refresh(site); !done && report_) report_(site, done.error());
  }
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  return {};
}

void SnapshotKeeper::stop() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void SnapshotKeeper::changed(const Uuid& site) {
  {
    const std::lock_guard lock(mutex_);
    due_.insert(site);
  }
  wake_.notify_one();
}

Result<void> SnapshotKeeper::refresh(const Uuid& site) {
  const std::lock_guard lock(refresh_mutex_);
  ATTUNE_ASSIGN(const learn::SiteData data, source_.data(site));
  ATTUNE_ASSIGN(const std::optional<learn::ActiveModel> active, source_.model(site));
  const auto current = decider_.snapshot(site);
  auto model = current ? current->shared_model() : nullptr;
  Result<void> done;
  if (!active) {
    model = nullptr;
  } else if (!model || model->version != active->version) {
    auto loaded = learn::load_site_model(real_file_system(), active->artefact_path);
    if (loaded) {
      model = std::move(*loaded);
    } else {
      done = pass(loaded, "loading the model in production");  // the one in service stays
    }
  }
  decider_.publish(
      site, SiteSnapshot::build(site, data, std::move(model), decider_.options().half_life_days));
  return done;
}

void SnapshotKeeper::run(const std::stop_token& stop) {
  name_thread("snapshots");
  const auto every = std::chrono::milliseconds(options_.every_ms);
  auto next_round = std::chrono::steady_clock::now() + every;
  while (!stop.stop_requested()) {
    std::set<Uuid> due;
    {
      std::unique_lock lock(mutex_);
      wake_.wait_until(lock, stop, next_round, [this] { return !due_.empty(); });
      due.swap(due_);
    }
    if (stop.stop_requested()) return;
    if (std::chrono::steady_clock::now() >= next_round) {
      if (const auto sites = source_.sites()) due.insert(sites->begin(), sites->end());
      next_round = std::chrono::steady_clock::now() + every;
    }
    for (const Uuid& site : due) {
      if (stop.stop_requested()) return;
      if (auto done = refresh(site); !done && report_) report_(site, done.error());
    }
  }
}

}  // namespace attune::decide
