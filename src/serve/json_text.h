// Writes JSON as text where building a tree first would be waste.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace attune::serve {

/// Appends `text` as a JSON string; bytes that are not UTF-8 become U+FFFD, so the answer always
/// parses.
void append_json_string(std::string& out, std::string_view text);

/// Appends a number as JSON has it: shortest form; null when not finite.
void append_json_number(std::string& out, double number);

/// Bytes of the UTF-8 sequence that `text` begins with; 0 when it begins with none (or is empty).
std::size_t utf8_sequence_bytes(std::string_view text);
bool is_utf8(std::string_view text);

}  // namespace attune::serve
