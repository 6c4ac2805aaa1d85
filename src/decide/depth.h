// How long an answer can be.
#pragma once

#include <cstddef>

namespace attune::decide {

/// Of lists that people page through; placements and the API's own call have kCountMax.
inline constexpr std::size_t kDepthMax = 500;

}  // namespace attune::decide
