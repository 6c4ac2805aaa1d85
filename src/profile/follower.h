// Profiles that follow the stream: a thread that computes the people whom the ETL noted, some
// thousands at a time, and sweeps each site now and then. It takes a bounded share of a thread's
// time, so under load it computes more people at a time rather than more often.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "event/site_directory.h"
#include "store/store.h"

namespace attune::profile {

struct FollowerSettings {
  std::int64_t pause_ms = 1000;          // between two passes, at least
  double share_max = 0.25;               // of a thread's time
  std::int64_t people_max = 50'000;      // in one transaction
  std::int64_t sweep_ms = 3'600'000;     // all people of a site so often; without a fit 12 times

  /// Held while profiles are computed, and to be held by whoever else refreshes them: the embedded
  /// engine refuses the second of two transactions that meet. Null: nobody else does.
  std::mutex* turn = nullptr;
};

struct FollowerStatus {
  bool running = false;
  std::uint64_t passes = 0;          // with somebody to compute
  std::uint64_t people = 0;          // computed since the start
  std::uint64_t sweeps = 0;
  std::int64_t pass_us_last = 0;
  std::uint64_t errors = 0;
  std::string error;                 // why it tries again; empty: it is well
};

class Follower {
 public:
  /// All references must outlive the follower.
  Follower(store::Store& store, const event::SiteDirectory& sites, const Clock& clock,
           FollowerSettings settings = {});
  /// Stops.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  void start();
  /// Ends after the transaction in hand.
  void stop();
  FollowerStatus status() const;

  /// One pass on the caller's thread, for tools and tests: begins sweeps that are due, then
  /// computes up to `people_max` of each site's noted people.
  ///
  /// Returns  how many.
  /// Errors   of the store; who was not computed stays noted.
  [[nodiscard]] Result<std::int64_t> step(store::Session& session);

 private:
  struct Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace attune::profile
