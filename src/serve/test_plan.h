// POST /api/v1/ab_tests/plan: how many people a test needs, or what it can find.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace attune::serve {

/// Errors  invalid_argument with the field; failed_precondition: no number of people is enough.
[[nodiscard]] Result<std::string> plan_json(std::string_view body);

}  // namespace attune::serve
