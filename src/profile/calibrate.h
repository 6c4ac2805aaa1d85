// What a site's people have in common, fitted to its tables now and then and used by every profile
// computed until the next time: the rhythm of visits (lifetimes.h) and the prices of each category.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/uuid.h"
#include "profile/lifetimes.h"
#include "store/store.h"

namespace attune::profile {

/// People the rhythm is fitted to, at most: a sample by hash of their ids.
inline constexpr std::int64_t kSampleMax = 20'000;

struct Calibration {
  std::int64_t computed_ms = 0;
  std::int64_t people = 0;       // of the sample
  std::int64_t returning = 0;    // of them, who came on another day too
  std::optional<LifetimeFit> fit;
  std::string detail;            // why there is none
};

/// Fits and saves, within the caller's transaction. Too few people is no error: lifecycle stages
/// then go by fixed ages.
[[nodiscard]] Result<Calibration> calibrate(store::Session& session, const Uuid& site,
                                            std::int64_t now_ms);

/// What was saved last; nothing: never.
[[nodiscard]] Result<std::optional<Calibration>> load_calibration(store::Session& session,
                                                                  const Uuid& site);

}  // namespace attune::profile
