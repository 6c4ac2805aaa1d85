#include "base/csv.h"

namespace attune {

std::optional<std::vector<std::string>> split_csv(std::string_view line, char separator) {
  std::vector<std::string> values(1);
  bool quoted = false;
  bool after_quote = false;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quoted) {
      if (c != '"') {
        values.back().push_back(c);
      } else if (at + 1 < line.size() && line[at + 1] == '"') {
        values.back().push_back(line[++at]);
      } else {
        quoted = false;
        after_quote = true;
      }
    } else if (c == separator) {
      values.emplace_back();
      after_quote = false;
    } else if (after_quote) {
      return std::nullopt;
    } else if (c == '"' && values.back().empty()) {
      quoted = true;
    } else {
      values.back().push_back(c);
    }
  }
  if (quoted) return std::nullopt;   // a value of several lines
  return values;
}

}  // namespace attune
