// Whether two JSON texts say the same: engines that store documents decoded give back members in
// another order and numbers in another notation.
#pragma once

#include <string_view>

namespace attune::etl {

/// Members in any order, numbers by value; texts that are not JSON are compared as they are.
bool same_json(std::string_view left, std::string_view right);

}  // namespace attune::etl
