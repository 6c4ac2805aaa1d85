#include "decide/snapshot_keeper.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/file_system.h"
#include "base/thread.h"
#include "decide/shadow.h"

namespace attune::decide {
namespace {

constexpr auto kReleaseEvery = std::chrono::seconds(1);
constexpr std::size_t kRetiredMax = 16;

}  // namespace

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

Result<void> SnapshotKeeper::refresh_rules(const Uuid& site) {
  if (!source_.rules) return {};
  const std::lock_guard lock(rules_mutex_);
  ATTUNE_ASSIGN(auto rules, source_.rules(site));
  decider_.publish_rules(site, std::move(rules));
  return {};
}

Result<void> SnapshotKeeper::refresh(const Uuid& site) {
  const std::lock_guard lock(refresh_mutex_);
  Result<void> done = refresh_rules(site);
  ATTUNE_ASSIGN(const learn::SiteData data, source_.data(site));
  std::vector<learn::ActiveModel> shadows;
  if (source_.shadows) {
    auto tended = source_.shadows(site, decider_.take_shadow_counts(site));
    if (tended) shadows = std::move(*tended);
    else done = pass(tended, "tending models in the shadow");
  }
  ATTUNE_ASSIGN(std::vector<learn::ActiveModel> active, source_.models(site));
  for (learn::ActiveModel& shadow : shadows) {
    shadow.strategy = shadow_name(shadow.strategy);
    active.push_back(std::move(shadow));
  }
  auto current = decider_.snapshot(site);
  SiteSnapshot::Models models;
  for (const learn::ActiveModel& wanted : active) {
    const ServedModel* served = current ? current->find_model(wanted.strategy) : nullptr;
    auto model = served != nullptr ? served->model : nullptr;
    if (!model || model->version != wanted.version) {
      auto loaded = learn::load_site_model(real_file_system(), wanted.artefact_path);
      if (loaded) {
        model = std::move(*loaded);
      } else {
        if (!model) model = load_earlier(site, wanted);
        done = fail(loaded.error().code(),
                    fmt::format("the {} model in production cannot be loaded: {}; {} serves in its "
                                "place",
                                wanted.strategy, loaded.error().message(),
                                model ? model->version : "none"));
      }
    }
    if (model) models.emplace_back(wanted.strategy, std::move(model));
  }
  decider_.publish(site, SiteSnapshot::build(site, data, models));
  retire(std::move(current));
  return done;
}

// A million items take a while to take apart. No request should pay for that because it happened to
// be the last to read them.
void SnapshotKeeper::retire(std::shared_ptr<const SiteSnapshot> snapshot) {
  const std::lock_guard lock(mutex_);
  if (snapshot && retired_.size() < kRetiredMax) retired_.push_back(std::move(snapshot));
}

void SnapshotKeeper::release_unread() {
  std::vector<std::shared_ptr<const SiteSnapshot>> unread;  // dies after the lock is gone
  const std::lock_guard lock(mutex_);
  std::erase_if(retired_, [&](auto& snapshot) {
    if (snapshot.use_count() > 1) return false;
    unread.push_back(std::move(snapshot));
    return true;
  });
}

std::shared_ptr<const learn::SiteModel> SnapshotKeeper::load_earlier(
    const Uuid& site, const learn::ActiveModel& wanted) const {
  if (!source_.earlier_models) return nullptr;
  const auto earlier = source_.earlier_models(site, wanted);
  if (!earlier) return nullptr;
  for (const learn::ActiveModel& each : *earlier) {
    auto loaded = learn::load_site_model(real_file_system(), each.artefact_path);
    if (loaded) return std::move(*loaded);
  }
  return nullptr;
}

void SnapshotKeeper::run(const std::stop_token& stop) {
  name_thread("snapshots");
  const auto every = std::chrono::milliseconds(options_.every_ms);
  auto next_round = std::chrono::steady_clock::now() + every;
  while (!stop.stop_requested()) {
    std::set<Uuid> due;
    {
      std::unique_lock lock(mutex_);
      const auto soon = std::chrono::steady_clock::now() + kReleaseEvery;
      wake_.wait_until(lock, stop, std::min(soon, next_round), [this] { return !due_.empty(); });
      due.swap(due_);
    }
    release_unread();
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
