// Keeps every site's snapshot fresh on a thread of its own: when told that something changed
// (products, a model), and on its own every few minutes. Reads the database through a function it
// is given.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "decide/decider.h"
#include "learn/site_data.h"
#include "learn/site_model.h"
#include "learn/train.h"

namespace attune::decide {

/// What the keeper needs from the store; wired in app over a session of its own.
struct SnapshotSource {
  std::function<Result<std::vector<Uuid>>()> sites;
  std::function<Result<learn::SiteData>(const Uuid&)> data;  // learn::load_site_data
  std::function<Result<std::vector<learn::ActiveModel>>(const Uuid&)>
      models;  // learn::active_models
  /// Models of the same strategy that served before it, newest first; may be empty.
  std::function<Result<std::vector<learn::ActiveModel>>(const Uuid&, const learn::ActiveModel&)>
      earlier_models{};
  /// Keeps what was counted of models in the shadow and promotes those whose time is over
  /// (learn::tend_shadows), then says which are left (learn::shadow_models); may be empty.
  std::function<Result<std::vector<learn::ActiveModel>>(
      const Uuid&, const std::vector<learn::ShadowCounts>&)>
      shadows{};
  /// What the owner has said about placements; may be empty.
  std::function<Result<std::shared_ptr<const SiteRules>>(const Uuid&)> rules{};
};

struct SnapshotKeeperOptions {
  std::int64_t every_ms = 5 * 60'000;
};

class SnapshotKeeper {
 public:
  /// report   told of every failure, on the keeper's thread; the old snapshot then stays in
  ///          service.
  SnapshotKeeper(Decider& decider, SnapshotSource source,
                 std::function<void(const Uuid&, const Error&)> report,
                 const SnapshotKeeperOptions& options = {});
  /// Stops.
  ~SnapshotKeeper();

  /// Loads every site once, on the caller's thread, then keeps them fresh on its own thread.
  /// Errors   of `source.sites`; a single site's failure is reported and not returned.
  [[nodiscard]] Result<void> start();
  void stop();

  /// Asks for a fresh snapshot of the site soon (products changed, a model was promoted). Any
  /// thread.
  void changed(const Uuid& site);

  /// Loads and publishes what the owner of a site says now, on the caller's thread.
  /// Errors   of the source; what is in service stays.
  [[nodiscard]] Result<void> refresh_rules(const Uuid& site);

  /// Builds and publishes one site's snapshot now, on the caller's thread.
  /// Errors   of the source; a model artefact that cannot be loaded keeps the one in service (with
  ///          none, the newest good one of before serves) and is returned as its error, after the
  ///          rest of the snapshot is published.
  [[nodiscard]] Result<void> refresh(const Uuid& site);

 private:
  void run(const std::stop_token& stop);
  void retire(std::shared_ptr<const SiteSnapshot> snapshot);
  /// Takes retired snapshots apart that no request reads any more.
  void release_unread();
  std::shared_ptr<const learn::SiteModel> load_earlier(const Uuid& site,
                                                       const learn::ActiveModel& wanted) const;

  Decider& decider_;
  SnapshotSource source_;
  std::function<void(const Uuid&, const Error&)> report_;
  SnapshotKeeperOptions options_;
  std::mutex refresh_mutex_;  // one refresh at a time
  std::mutex rules_mutex_;    // so that none undoes a newer one
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::set<Uuid> due_;  // guarded by mutex_
  std::vector<std::shared_ptr<const SiteSnapshot>> retired_;  // guarded by mutex_; of before
  std::jthread thread_;
};

}  // namespace attune::decide
