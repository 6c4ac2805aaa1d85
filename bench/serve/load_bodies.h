// Requests made before the clock starts: what our tracker sends for pages, clicks and carts of a
// shop.
#pragma once

#include <string>
#include <vector>

#include "load_options.h"

namespace attune::bench {

/// A few thousand different requests, head and body.
std::vector<std::string> make_requests(const LoadOptions& options);

}  // namespace attune::bench
