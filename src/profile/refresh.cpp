#include "profile/refresh.h"

namespace attune::profile {
namespace {

Result<void> compute(store::Session& session, const Uuid& site, std::int64_t now_ms) {
  const store::Value parameters[] = {site, store::Timestamp::from_ms(now_ms)};
  ATTUNE_TRY(session.execute("profile/refresh_profiles", parameters));
  ATTUNE_TRY(session.execute("profile/refresh_features", parameters));
  return {};
}

}  // namespace

Result<Refreshed> refresh(store::Session& session, const Uuid& site, std::int64_t now_ms) {
  ATTUNE_TRY(session.begin());
  if (auto computed = compute(session, site, now_ms); !computed) {
    static_cast<void>(session.rollback());   // the first error says what went wrong
    return pass(computed, "refreshing profiles");
  }
  ATTUNE_TRY(session.commit());
  const store::Value of_site[] = {site};
  ATTUNE_ASSIGN(const store::Rows rows, session.query("profile/counts", of_site));
  return Refreshed{.profiles = std::get<std::int64_t>(rows.rows.at(0).at(0)),
                   .features = std::get<std::int64_t>(rows.rows.at(0).at(1))};
}

}  // namespace attune::profile
