// Exposures that a site's own servers report: POST /api/v1/sites/{site}/exposures.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <span>
#include <string>

#include "base/result.h"
#include "event/event.h"
#include "experiment/life_cycle.h"

namespace attune::serve {

inline constexpr std::size_t kExposuresMax = 1000;   // of one request

/// When and for which site a request came, with the site's tests.
struct ExposureContext {
  Uuid site;
  std::int64_t received_ms = 0;
  std::span<const experiment::Test> tests;
};

/// One entry: {"test", "variation", "visitor_id", "timestamp"?, "session_id"?, "propensity"?,
/// "attributes"?: {"device": "mobile"}}.
///
/// Errors  invalid_argument with the field below `prefix`: missing, too long, no test of the site
///         that ever ran, no such variation, a time in the future or over 72 hours ago.
[[nodiscard]] Result<event::Exposure> read_exposure(const boost::json::value& value,
                                                    const std::string& prefix,
                                                    const ExposureContext& context);

}  // namespace attune::serve
