// Profiles and feature vectors of a site's people, computed from its tables for some of them or for
// all: sql/profile has the statements, docs/profiles.md the definitions.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>

#include "base/result.h"
#include "base/uuid.h"
#include "profile/calibrate.h"
#include "store/store.h"

namespace attune::profile {

struct Refreshed {
  std::int64_t profiles = 0;
  std::int64_t features = 0;
};

struct RefreshOptions {
  bool fit = true;                    // what the people have in common; false: the last fit
  std::int64_t people_max = 50'000;   // in one transaction: what fits the embedded database
  /// Told after each transaction how many of all people are done; may be empty. False ends it.
  std::function<bool(std::int64_t done, std::int64_t all)> progress = {};
  /// Held during each transaction; null: nobody else refreshes.
  std::mutex* turn = nullptr;
};

/// Both tables anew, some people at a time. Rows of people that are gone go too.
///
/// now_ms   what "days ago" counts from; nothing after it is looked at.
/// Returns  how many rows the site has now.
/// Errors   of the store; who was not computed stays noted, and the next refresh or the follower
///          goes on with them.
[[nodiscard]] Result<Refreshed> refresh(store::Session& session, const Uuid& site,
                                        std::int64_t now_ms, const RefreshOptions& options = {});

/// Computes the people that the ETL noted (etl_dirty_people) with the last fit and takes them off
/// the list, in one transaction: first those whose rows were touched longest ago.
///
/// Returns  how many it computed; fewer than `people_max`: the list is empty.
/// Errors   of the store; the people stay noted then.
[[nodiscard]] Result<std::int64_t> refresh_dirty(store::Session& session, const Uuid& site,
                                                 std::int64_t now_ms, std::int64_t people_max);

/// Fits anew what the people have in common, and notes all of them: time passes for those too whom
/// no event touches, and the catalogue changes. One transaction.
///
/// Returns  the fit.
[[nodiscard]] Result<Calibration> begin_sweep(store::Session& session, const Uuid& site,
                                              std::int64_t now_ms);

}  // namespace attune::profile
