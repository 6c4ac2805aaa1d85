// JSON whose numbers come back as they were written. Boost's parser is fast and may be off by the
// last bit, which a verdict that is computed again must not be.
#pragma once

#include <boost/json/value.hpp>
#include <string_view>

#include "base/result.h"

namespace attune::experiment {

/// Errors  invalid_argument: no JSON.
[[nodiscard]] Result<boost::json::value> parse_exact(std::string_view text);

}  // namespace attune::experiment
