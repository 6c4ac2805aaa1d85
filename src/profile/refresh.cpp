#include "profile/refresh.h"

#include <algorithm>

#include "profile/calibrate.h"
#include "store/transaction.h"

namespace attune::profile {
namespace {

using store::Value;

/// One refresh at a time: those of PostgreSQL wait for each other here, on DuckDB the second one
/// fails and changes nothing.
template <class T>
Result<T> in_turn(store::Session& session, const std::function<Result<T>()>& work) {
  auto done = store::in_transaction(session, [&]() -> Result<T> {
    ATTUNE_TRY(session.execute("profile/lock"));
    return work();
  });
  if (!done) return pass(done, "refreshing profiles");
  return done;
}

Result<void> compute_scope(store::Session& session, const Uuid& site, std::int64_t now_ms) {
  const Value parameters[] = {site, store::Timestamp::from_ms(now_ms)};
  const Value of_site[] = {site};
  ATTUNE_TRY(session.execute("profile/refresh_profiles", parameters));
  ATTUNE_TRY(session.execute("profile/refresh_features", parameters));
  ATTUNE_TRY(session.execute("profile/scope.clear", of_site));
  return {};
}

/// Notes all people, after fitting what they have in common if that is wanted.
///
/// Returns  how many are noted.
Result<std::int64_t> note_all(store::Session& session, const Uuid& site, std::int64_t now_ms,
                              bool fit) {
  return in_turn<std::int64_t>(session, [&]() -> Result<std::int64_t> {
    const Value of_site[] = {site};
    if (fit) ATTUNE_TRY(calibrate(session, site, now_ms));
    ATTUNE_TRY(session.execute("profile/dirty.all", of_site));
    ATTUNE_ASSIGN(const store::Rows rows, session.query("profile/dirty.count", of_site));
    return std::get<std::int64_t>(rows.rows.at(0).at(0));
  });
}

}  // namespace

Result<Refreshed> refresh(store::Session& session, const Uuid& site, std::int64_t now_ms,
                          const RefreshOptions& options) {
  const auto take_turn = [&] {
    return options.turn == nullptr ? std::unique_lock<std::mutex>()
                                   : std::unique_lock(*options.turn);
  };
  std::int64_t all = 0;
  {
    const auto turn = take_turn();
    ATTUNE_ASSIGN(all, note_all(session, site, now_ms, options.fit));
  }
  // The stream may note people meanwhile; twice as many as there were is where it ends in any case.
  for (std::int64_t done = 0, some = options.people_max;
       some == options.people_max && done < 2 * all; done += some) {
    const auto turn = take_turn();
    ATTUNE_ASSIGN(some, refresh_dirty(session, site, now_ms, options.people_max));
    if (options.progress && !options.progress(std::min(done + some, all), all)) break;
  }
  const Value of_site[] = {site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("profile/counts", of_site));
  return Refreshed{.profiles = std::get<std::int64_t>(rows.rows.at(0).at(0)),
                   .features = std::get<std::int64_t>(rows.rows.at(0).at(1))};
}

Result<std::int64_t> refresh_dirty(store::Session& session, const Uuid& site, std::int64_t now_ms,
                                   std::int64_t people_max) {
  return in_turn<std::int64_t>(session, [&]() -> Result<std::int64_t> {
    const Value of_site[] = {site};
    const Value some[] = {site, people_max};
    ATTUNE_TRY(session.execute("profile/scope.dirty", some));
    ATTUNE_ASSIGN(const store::Rows rows, session.query("profile/scope.count", of_site));
    const auto people = std::get<std::int64_t>(rows.rows.at(0).at(0));
    if (people > 0) ATTUNE_TRY(compute_scope(session, site, now_ms));
    return people;
  });
}

Result<Calibration> begin_sweep(store::Session& session, const Uuid& site, std::int64_t now_ms) {
  return in_turn<Calibration>(session, [&]() -> Result<Calibration> {
    ATTUNE_ASSIGN(Calibration made, calibrate(session, site, now_ms));
    const Value of_site[] = {site};
    ATTUNE_TRY(session.execute("profile/dirty.all", of_site));
    return made;
  });
}

}  // namespace attune::profile
