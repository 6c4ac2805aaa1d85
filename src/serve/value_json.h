// A value of the database as JSON.
#pragma once

#include <string>

#include "store/store.h"

namespace attune::serve {

/// Appends it: times in ISO 8601, days as 2026-11-21, JSON as it is.
void append_value(std::string& out, const store::Value& value);

}  // namespace attune::serve
