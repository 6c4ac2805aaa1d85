// One line of comma-separated values (RFC 4180).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace attune {

/// The values of a line, quotes taken off; nullopt: a quote is out of place, or a value goes on in
/// the next line.
std::optional<std::vector<std::string>> split_csv(std::string_view line, char separator = ',');

}  // namespace attune
