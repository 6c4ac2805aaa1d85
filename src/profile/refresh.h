// Profiles and feature vectors of a site's people, computed anew from its tables: sql/profile
// has the statements, docs/profiles.md the definitions.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/uuid.h"
#include "store/store.h"

namespace attune::profile {

struct Refreshed {
  std::int64_t profiles = 0;
  std::int64_t features = 0;
};

/// Both tables in one transaction. Rows of people that are gone go too.
///
/// now_ms   what "days ago" counts from; nothing after it is looked at.
/// Returns  how many rows the site has now.
/// Errors   of the store; nothing is changed then.
[[nodiscard]] Result<Refreshed> refresh(store::Session& session, const Uuid& site,
                                        std::int64_t now_ms);

}  // namespace attune::profile
