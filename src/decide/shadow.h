// Models in the shadow: a bounded sample of requests is answered once more, by the model in
// production and by the new one, away from the request. Nobody sees these answers.
// docs/recommenders.md, "Shadow", is the specification.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/uuid.h"
#include "decide/site_snapshot.h"
#include "learn/recommender.h"
#include "learn/shadow.h"

namespace attune::decide {

/// What the strategy's model in the shadow is called among a snapshot's models.
std::string shadow_name(std::string_view strategy);

class ShadowRunner {
 public:
  static constexpr std::size_t kWaitingMax = 64;  // requests; further ones are not looked at

  /// Notes a request of a site that has a model in the shadow.
  /// visit, history   numbers in the snapshot, oldest first; both empty: nothing is noted.
  /// Threads  any.
  void offer(const Uuid& site, const std::shared_ptr<const SiteSnapshot>& snapshot,
             std::span<const std::uint32_t> visit, std::span<const std::uint32_t> history);
  /// Has both models answer what was noted. One thread.
  void run(const Clock& clock);
  /// What was counted of a site since the last call.
  std::vector<learn::ShadowCounts> take(const Uuid& site);

 private:
  struct Waiting {
    Uuid site{};
    std::shared_ptr<const SiteSnapshot> snapshot;
    std::vector<std::uint32_t> visit;
    std::vector<std::uint32_t> history;
  };
  void compare(const Waiting& request, const ServedModel& present, const ServedModel& shadow,
               const Clock& clock);

  Mutex mutex_;
  std::vector<Waiting> waiting_ ATTUNE_THREAD(guarded_by(mutex_));
  std::vector<std::pair<Uuid, learn::ShadowCounts>> counted_ ATTUNE_THREAD(guarded_by(mutex_));
  learn::Scratch scratch_;  // of run()
};

}  // namespace attune::decide
