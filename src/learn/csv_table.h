// Files of logged behaviour: comma-separated values under a header, columns found by name.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/csv.h"
#include "base/result.h"

namespace attune::learn {

/// A CSV file with a header, line by line, by names of columns.
class CsvTable {
 public:
  static Result<CsvTable> open(const std::string& path) {
    CsvTable table;
    table.path_ = path;
    table.file_.open(path);
    if (!table.file_) return fail(ErrorCode::not_found, fmt::format("cannot read {}", path));
    if (!table.next()) return fail(ErrorCode::invalid_argument, fmt::format("{} is empty", path));
    table.header_ = table.values_;
    return table;
  }

  /// The column of one of these names.
  Result<std::size_t> column(std::initializer_list<std::string_view> names) const {
    if (const auto found = optional_column(names)) return *found;
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: the header has no column {}", path_, *names.begin()));
  }
  std::optional<std::size_t> optional_column(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
      const auto found = std::ranges::find(header_, name);
      if (found != header_.end()) return static_cast<std::size_t>(found - header_.begin());
    }
    return std::nullopt;
  }

  /// A value of the line; null: it has not so many, or its quotes are out of place.
  const std::string* text(std::size_t column) const {
    return column < values_.size() ? &values_[column] : nullptr;
  }

  /// Reads the next line; false: there is none.
  bool next() {
    std::string line;
    if (!std::getline(file_, line)) return false;
    ++line_;
    if (line.ends_with('\r')) line.pop_back();
    const auto values = split_csv(line);
    values_ = values ? *values : std::vector<std::string>();
    return true;
  }

  template <class Number>
  Result<Number> number(std::size_t column) const {
    Number number{};
    if (column < values_.size()) {
      const std::string& text = values_[column];
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc{} && end == text.data() + text.size()) return number;
    }
    return wrong(fmt::format("{} is not a number",
                             column < header_.size() ? header_[column] : "a column"));
  }

  /// The error of this line.
  tl::unexpected<Error> wrong(std::string_view what) const {
    return fail(ErrorCode::invalid_argument, fmt::format("{}, line {}: {}", path_, line_, what));
  }

 private:
  std::string path_;
  std::ifstream file_;
  std::vector<std::string> header_;
  std::vector<std::string> values_;
  std::size_t line_ = 0;
};

}  // namespace attune::learn
