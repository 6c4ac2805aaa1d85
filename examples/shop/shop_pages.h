// What the demo shop sells, compiled in: pages/catalogue.json.
#pragma once

#include <string_view>

namespace attune::shop {

/// The body of PUT /api/v1/sites/{site}/products for the demo's site; lives as long as the program.
std::string_view catalogue_json();

}  // namespace attune::shop
