// Reads the values of a result row by column, with the type the query's header promises.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/ensure.h"
#include "store/store.h"

namespace attune::serve {

/// Values of one row, left to right. A value of another type is our bug, as the SQL is ours.
class RowReader {
 public:
  explicit RowReader(std::span<const store::Value> row) : row_(row) {}

  template <class T>
  T take() {
    const auto* value = std::get_if<T>(&next());
    ensure(value != nullptr, "a column has the type its query promises");
    return *value;
  }
  template <class T>
  std::optional<T> take_optional() {
    const store::Value& value = next();
    if (std::holds_alternative<store::Null>(value)) return std::nullopt;
    const auto* typed = std::get_if<T>(&value);
    ensure(typed != nullptr, "a column has the type its query promises");
    return *typed;
  }
  std::int64_t take_ms() { return take<store::Timestamp>().us / 1000; }

 private:
  const store::Value& next() {
    ensure(at_ < row_.size(), "a row has the columns its query promises");
    return row_[at_++];
  }

  std::span<const store::Value> row_;
  std::size_t at_ = 0;
};

}  // namespace attune::serve
