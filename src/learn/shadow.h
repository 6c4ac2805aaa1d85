// A new model's time in the shadow: it answers a sample of requests beside the model in production,
// nobody sees its answers, and after enough of them it takes its place. Its row of ml_models is
// `validating`, and `metrics.shadow` holds what was counted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/uuid.h"
#include "learn/train.h"
#include "store/store.h"

namespace attune::learn {

/// Sums over requests that both models answered.
struct ShadowCounts {
  std::string strategy;
  std::string version;      // of the model in the shadow
  std::uint64_t requests = 0;
  double overlap = 0;       // share of the first ten items that both name
  double answer_us = 0;
  double present_us = 0;    // of the model in production
};

struct ShadowRule {
  std::uint64_t requests = 1000;        // so many, or
  std::int64_t ms = 24 * 3'600'000LL;   // so long, whichever comes first
};

/// `metrics_json` of a model that goes into the shadow now.
std::string with_shadow(const std::string& metrics_json, std::int64_t now_ms);

/// The site's models in the shadow, one of a strategy at most.
[[nodiscard]] Result<std::vector<ActiveModel>> shadow_models(store::Session& session,
                                                             const Uuid& site);

/// Adds what was counted to what the registry keeps, and promotes the models whose time is over.
///
/// counted  of other versions than those in the shadow: left out.
/// Errors   as store::Session::execute and promote_model.
[[nodiscard]] Result<void> tend_shadows(store::Store& store, const Clock& clock, const Uuid& site,
                                        std::span<const ShadowCounts> counted,
                                        const ShadowRule& rule);

}  // namespace attune::learn
