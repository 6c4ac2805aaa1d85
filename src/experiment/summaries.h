// What a list of tests says of each: one read of what is stored, whatever the number of tests.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "store/store.h"

namespace attune::experiment {

struct SummaryScope {
  std::int64_t account = 0;
  std::optional<std::string> site;     // nothing: of all
  std::optional<std::string> status;   // nothing: in any state
};

/// Of each test that was started, by the text of its id: {"people", "mixed", "refreshed_at",
/// "snapshot"}. The people are counted up to `refreshed_at`; the snapshot is the last of
/// test_results, null before the first: {"calculated_at", "units", "conversions", "duration_days",
/// "outcome", "winner", "significance", "p_value", "projected_lift", "projected_lift_low",
/// "projected_lift_high", "is_broken", "is_enough"}.
///
/// Errors  those of the store.
[[nodiscard]] Result<boost::json::object> summaries(store::Session& session,
                                                    const SummaryScope& scope);

}  // namespace attune::experiment
