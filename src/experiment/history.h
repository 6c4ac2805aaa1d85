// What lifts were like in an account's finished tests of a metric, and what is left of a lift in
// their light: most large lifts that are seen are partly luck.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>

#include "base/result.h"
#include "experiment/effect.h"
#include "experiment/life_cycle.h"
#include "store/store.h"

namespace attune::experiment {

/// Fewer finished tests than these say nothing about what lifts are like.
inline constexpr std::size_t kHistoryMin = 10;

/// [{"lift", "variance"}] of the completed tests of the account that ended before, won or not,
/// whose primary metric counts the same: kind, event, property, quantile and direction. Of a test
/// with several variations the first one that is not the control, so that none is picked by its
/// number.
///
/// Errors  those of the store.
[[nodiscard]] Result<boost::json::array> read_history(store::Session& session, const Test& test,
                                                      const Metric& primary,
                                                      std::int64_t before_ms);

/// {"tests", "needed"} and the lift shrunk towards those of the history: {"lift", "lift_low",
/// "lift_high", "kept", "mean", "deviation"}; or "error" with the reason in their place.
boost::json::object shrunk_json(const boost::json::array& history, const Effect& effect,
                                double alpha);

}  // namespace attune::experiment
