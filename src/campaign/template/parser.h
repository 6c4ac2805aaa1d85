// Template text to nodes. Internal to the folder.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "campaign/template/ast.h"

namespace attune::campaign::liquid {

/// Whether [A-Za-z_][A-Za-z0-9_-]*
bool is_name(std::string_view text);
Position position_at(std::string_view source, std::size_t offset);
[[nodiscard]] Result<std::vector<Node>> parse_nodes(std::string_view source);

}  // namespace attune::campaign::liquid
