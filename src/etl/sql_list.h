// Lists of numbers and ids as text parameters: "12,7,40" unnested in SQL. One statement for a whole
// batch, without a temporary table.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace attune::etl {

class SqlList {
 public:
  void add(std::string_view text) {
    if (count_++ > 0) text_.push_back(',');
    text_.append(text);
  }
  template <std::integral T>
  void add(T number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    add(std::string_view(digits, static_cast<std::size_t>(end - digits)));
  }
  const std::string& text() const { return text_; }
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  std::string text_;
  std::size_t count_ = 0;
};

/// Least and greatest of what it saw: the bounds by which a statement skips row groups.
struct Bounds {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  std::int64_t greatest = std::numeric_limits<std::int64_t>::min();
  void add(std::int64_t value) {
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
};

}  // namespace attune::etl
